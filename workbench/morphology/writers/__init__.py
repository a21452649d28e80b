"""A `Morphology` to files: SWC here, ASC and H5 through MorphIO."""
