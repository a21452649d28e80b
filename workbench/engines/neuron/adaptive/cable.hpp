// The cable equation on NEURON's own arrays: one solution of the matrix, one advance of the gates.
//
// Mechanisms compute with their own functions. The matrix is assembled here, since NEURON's
// accessors would cost as much as all the arithmetic.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hocdec.h"
#include "mech_api.h"
#include "membfunc.h"
#include "multicore.h"
#include "nrn_ansi.h"
#include "nrncvode.h"

namespace {

using Token = neuron::model_sorted_token;
using Names = std::set<std::string>;

// Columns of NEURON's data that can be written down and put back.
class Record {
  public:
    void add(double* values, int count) {
        columns_.emplace_back(values, count);
        kept_.resize(kept_.size() + count);
    }

    void take() {
        double* to = kept_.data();
        for (auto const& [values, count]: columns_)
            to = std::copy_n(values, count, to);
    }

    void put_back() const {
        double const* from = kept_.data();
        for (auto const& [values, count]: columns_) {
            std::copy_n(from, count, values);
            from += count;
        }
    }

    // Carry the columns on along the line from an earlier record through this one.
    void carry_on(Record const& earlier, double share) const {
        double const* now = kept_.data();
        double const* then = earlier.kept_.data();
        for (auto const& [values, count]: columns_) {
            for (int i = 0; i < count; ++i)
                values[i] = now[i] + share * (now[i] - then[i]);
            now += count;
            then += count;
        }
    }

    // Lead the columns on in the direction in which they went since.
    void lead(double times) const {
        double const* then = kept_.data();
        for (auto const& [values, count]: columns_)
            for (int i = 0; i < count; ++i, ++then)
                values[i] = *then + times * (values[i] - *then);
    }

    void swap(Record& other) {
        kept_.swap(other.kept_);
    }

  private:
    std::vector<std::pair<double*, int>> columns_;
    std::vector<double> kept_;
};

// The cable equation of all sections of this process, on NEURON's own arrays.
class Cable {
  public:
    Cable(Token const& token, NrnThread& thread, Names const& first_order)
        : v(thread.node_voltage_storage())
        , change(thread.node_rhs_storage())
        , count(thread.end)
        , rate(thread.end)
        , token_(token)
        , thread_(thread) {
        for (auto* each = thread.tml; each; each = each->next)
            add(*each->ml, each->index, first_order);
    }

    // Solve for the change of the voltage within a part of a step; stimuli are those of `t_ms`.
    void solve(double t_ms, double part_ms) {
        thread_._t = t_ms;
        thread_._dt = part_ms;
        thread_.cj = 1 / part_ms;
        double* const d = thread_.node_d_storage();
        double const* const a = thread_.node_a_storage();
        double const* const b = thread_.node_b_storage();
        int const* const parents = thread_._v_parent_index;
        std::fill_n(change, count, 0.0);
        std::fill_n(d, count, 0.0);
        add_membrane(d);
        for (int i = thread_.ncell; i < count; ++i) {
            int const parent = parents[i];
            double const drop = v[parent] - v[i];
            change[i] -= b[i] * drop;
            change[parent] += a[i] * drop;
            d[i] -= b[i];
            d[parent] -= a[i];
        }
        eliminate(a, b, d, parents);
        for (auto const& ion: ions_)
            for (int i = 0; i < ion.list->nodecount; ++i)
                ion.current[i] += ion.slope[i] * change[ion.list->nodeindices[i]];
    }

    void advance_gates(double t_ms, double interval_ms) {
        thread_._t = t_ms;
        thread_._dt = interval_ms;
        advance(pools_, interval_ms);
        advance(gates_, interval_ms);
    }

    void record(double t_ms) {
        thread_._t = t_ms;
        fixed_record_continuous(token_, thread_);
    }

    double* const v;
    double* const change;
    int const count;
    std::vector<double> rate;  // of the membrane alone, per ms; 0 where there is none
    Record states, currents;

  private:
    struct Type {
        Memb_list* list;
        int type;
    };
    struct Ion {
        Memb_list* list;
        double *current, *slope;
    };
    struct Leak {
        Memb_list* list;
        double *g, *e, *i;
    };

    // Mechanisms of exponentials, and those whose own step is of first order, with what they change.
    struct Moving {
        std::vector<Type> exact, inexact;
        Record begun;

        bool empty() const {
            return exact.empty() && inexact.empty();
        }
    };

    void advance(Moving& moving, double interval_ms) {
        thread_._dt = interval_ms;
        call(moving.exact);
        if (moving.inexact.empty())
            return;
        // Two of their steps as the stages of one of second order that damps (Alexander 1977, SIAM
        // J Numer Anal 14:1006-1021).
        static double const part = 1 - std::sqrt(0.5);
        moving.begun.take();
        thread_._dt = part * interval_ms;
        call(moving.inexact);
        moving.begun.lead((1 - part) / part);
        call(moving.inexact);
    }

    void call(std::vector<Type> const& mechanisms) {
        for (auto const& [list, type]: mechanisms)
            memb_func[type].state(token_, &thread_, list, type);
    }

    // Whether it writes a concentration: NEURON gives it the style of that ion.
    static bool fills(int type) {
        int const* const semantics = memb_func[type].dparam_semantics.get();
        for (int i = 0; i < nrn_prop_dparam_size_[type]; ++i)
            if (nrn_semantics_is_ionstyle(semantics[i]))
                return true;
        return false;
    }

    void add(Memb_list& list, int type, Names const& first_order) {
        Memb_func const& functions = memb_func[type];
        Symbol const& symbol = *functions.sym;
        if (type == CAP) {
            capacitance_ = &list;
        } else if (nrn_is_ion(type)) {
            // erev, inside, outside, current, slope of the current
            for (int i: {1, 2}) {
                states.add(&list.data(0, i), list.nodecount);
                pools_.begun.add(&list.data(0, i), list.nodecount);
            }
            ions_.push_back({&list, &list.data(0, 3), &list.data(0, 4)});
            currents.add(ions_.back().current, list.nodecount);
            if (reversal_moves(list))
                conducting_.push_back({&list, type});
            else
                still_.push_back(ions_.back());
        } else if (std::strcmp(symbol.name, "pas") == 0) {
            leaks_.push_back({&list, &list.data(0, 0), &list.data(0, 1), &list.data(0, 2)});
        } else {
            Moving& moving = fills(type) ? pools_ : gates_;
            bool const inexact = first_order.count(symbol.name);
            int const variables = std::min<int>(symbol.s_varn, list.get_num_variables());
            for (int i = 0; i < variables; ++i)
                if (symbol.u.ppsym[i]->subtype == STATE) {
                    int const count = list.nodecount * list.get_array_dims(i);
                    states.add(&list.data(0, i), count);
                    if (inexact)
                        moving.begun.add(&list.data(0, i), count);
                }
            if (functions.current)
                conducting_.push_back({&list, type});
            if (functions.state)
                (inexact ? moving.inexact : moving.exact).push_back({&list, type});
        }
    }

    // Whether NEURON computes the reversal potential anew in each step: bit 6 of the ion's style.
    static bool reversal_moves(Memb_list& list) {
        for (int i = 0; i < list.nodecount; ++i)
            if (list.pdata[i][0].get<int>() & 0100)
                return true;
        return false;
    }

    void add_membrane(double* d) {
        for (auto const& ion: still_) {
            std::fill_n(ion.current, ion.list->nodecount, 0.0);
            std::fill_n(ion.slope, ion.list->nodecount, 0.0);
        }
        for (auto const& [list, type]: conducting_)
            memb_func[type].current(token_, &thread_, list, type);
        for (auto const& [list, type]: conducting_)
            if (memb_func[type].jacob)
                memb_func[type].jacob(token_, &thread_, list, type);
        for (auto const& leak: leaks_)
            for (int i = 0; i < leak.list->nodecount; ++i) {
                int const node = leak.list->nodeindices[i];
                leak.i[i] = leak.g[i] * (v[node] - leak.e[i]);
                change[node] -= leak.i[i];
                d[node] += leak.g[i];
            }
        double const* const cm = &capacitance_->data(0, 0);
        for (int i = 0; i < capacitance_->nodecount; ++i) {
            int const node = capacitance_->nodeindices[i];
            rate[node] = std::fabs(d[node]) / (1e-3 * cm[i]);
            d[node] += 1e-3 * thread_.cj * cm[i];
        }
    }

    // Gauss's elimination on a tree, from its ends to the roots and back (Hines 1984).
    void eliminate(double const* a, double const* b, double* d, int const* parents) {
        for (int i = count - 1; i >= thread_.ncell; --i) {
            double const share = a[i] / d[i];
            d[parents[i]] -= share * b[i];
            change[parents[i]] -= share * change[i];
        }
        for (int i = 0; i < thread_.ncell; ++i)
            change[i] /= d[i];
        for (int i = thread_.ncell; i < count; ++i)
            change[i] = (change[i] - b[i] * change[parents[i]]) / d[i];
    }

    Token const& token_;
    NrnThread& thread_;
    std::vector<Ion> ions_, still_;
    std::vector<Leak> leaks_;
    Memb_list* capacitance_ = nullptr;
    std::vector<Type> conducting_;
    Moving gates_, pools_;
};

}  // namespace
