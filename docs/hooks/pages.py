"""Pages of the site that are made when it is built, and where they stand in its navigation."""

import re
from pathlib import Path

import commands
import pictures
import registries
import toml_keys
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

TOP = Path(__file__).parents[2]
OPTIMIZATIONS = TOP / "optimizations"
PAGE, PICTURE = "README.md", "figure.svg"
# Files at the top of the repository, and the pages that show them.
_SHOWN = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}
# Pages whose pictures are made by the Python that they show.
_ILLUSTRATED = ("figures.md", "own-experiment.md")
_ROOM = """\
# {name}

::: {name}
    options:
      show_root_heading: false
      heading_level: 2
"""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Give each room its place under Reference."""
    pages = [{room: f"reference/rooms/{room}.md"} for room in rooms()]
    for section in config.nav or []:
        section.get("Reference", []).append({"Rooms": pages})
        section.get("Gallery", []).extend(f"gallery/{name}.md" for name in gallery())
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not written by hand."""
    made = {page: _shown(TOP / file, config.repo_url or "") for file, page in _SHOWN.items()}
    made["reference/toml.md"] = toml_keys.page()
    made["reference/command-line.md"] = commands.page()
    made["reference/registries.md"] = registries.page()
    for room in rooms():
        made[f"reference/rooms/{room}.md"] = _ROOM.format(name=f"workbench.{room}")
    for name in gallery():
        made[f"gallery/{name}.md"] = _page_of(name)
        picture = (OPTIMIZATIONS / name / PICTURE).read_bytes()
        files.append(File.generated(config, f"gallery/{name}.svg", content=picture))
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    for page in _ILLUSTRATED:
        for name, content in pictures.pictures(TOP / "docs" / page).items():
            files.append(File.generated(config, name, content=content))
    return files


def rooms() -> list[str]:
    """Return the names of the workbench's packages that have public names, sorted."""
    package = TOP / "workbench"
    found = (init for init in package.glob("*/**/__init__.py") if "__all__" in init.read_text())
    return sorted(".".join(init.parent.relative_to(package).parts) for init in found)


def gallery() -> list[str]:
    """Return the names of the experiments that have a page and a picture, sorted."""
    return sorted(picture.parent.name for picture in OPTIMIZATIONS.glob(f"*/{PICTURE}"))


def _page_of(experiment: str) -> str:
    """Return the page of an experiment's folder, whose picture has the experiment's name here."""
    text = (OPTIMIZATIONS / experiment / PAGE).read_text()
    return text.replace(f"({PICTURE})", f"({experiment}.svg)")


def _shown(file: Path, repository: str) -> str:
    """Return a file of the repository with links that lead where the site has what they mean."""

    def there(link: re.Match[str]) -> str:
        text, target = link.groups()
        if target in _SHOWN:
            return f"[{text}]({_SHOWN[target]})"
        if target.startswith("docs/"):
            return f"[{text}]({target.removeprefix('docs/')})"
        if re.match(r"https?:|#", target):
            return link[0]
        return f"[{text}]({repository}/tree/main/{target})" if repository else text

    return re.sub(r"\[([^\]]+)\]\(([^)]+)\)", there, file.read_text())
