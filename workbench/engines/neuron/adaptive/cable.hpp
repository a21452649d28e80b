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

constexpr double RANGE = 1;  // of gates

// Columns of NEURON's data that can be written down and put back.
class Record {
  public:
    void add(double* values, int count, double floor = 0) {
        columns_.emplace_back(values, count);
        floors_.push_back(floor);
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

    // Put weighted means of this and other records.
    void mix(double mine, Record const& b, double weight_b) const {
        double const *x = kept_.data(), *y = b.kept_.data();
        for (auto const& [values, count]: columns_)
            for (int i = 0; i < count; ++i)
                values[i] = mine * *x++ + weight_b * *y++;
    }

    void mix(double mine, Record const& b, double weight_b, Record const& c, double weight_c) const {
        double const *x = kept_.data(), *y = b.kept_.data(), *z = c.kept_.data();
        for (auto const& [values, count]: columns_)
            for (int i = 0; i < count; ++i)
                values[i] = mine * *x++ + weight_b * *y++ + weight_c * *z++;
    }

    // How far the columns are, at most, from a weighted mean of records: as a share of what they
    // were, or of their floor if that is more.
    double off(double mine, Record const& b, double weight_b, Record const& c, double weight_c) const {
        double const *x = kept_.data(), *y = b.kept_.data(), *z = c.kept_.data();
        double const* floor = floors_.data();
        double worst = 0;
        for (auto const& [values, count]: columns_) {
            double const least = std::max(*floor++, 1e-30);
#pragma omp simd reduction(max : worst)
            for (int i = 0; i < count; ++i) {
                double const mean = mine * x[i] + weight_b * y[i] + weight_c * z[i];
                worst = std::max(
                    worst, std::fabs(values[i] - mean) / std::max(std::fabs(x[i]), least));
            }
            x += count, y += count, z += count;
        }
        return worst;
    }

    // Keep how far the columns went since.
    void measure() {
        double* then = kept_.data();
        for (auto const& [values, count]: columns_)
            for (int i = 0; i < count; ++i, ++then)
                *then = values[i] - *then;
    }

    void swap(Record& other) {
        kept_.swap(other.kept_);
    }

  private:
    std::vector<std::pair<double*, int>> columns_;
    std::vector<double> kept_, floors_;
};

// The cable equation of all sections of this process, on NEURON's own arrays.
class Cable {
  public:
    Cable(Token const& token, NrnThread& thread, Names const& first_order)
        : v(thread.node_voltage_storage())
        , change(thread.node_rhs_storage())
        , count(thread.end)
        , token_(token)
        , thread_(thread) {
        std::set<int> filled;
        for (auto* each = thread.tml; each; each = each->next)
            filled.merge(filled_by(each->index));
        for (auto* each = thread.tml; each; each = each->next)
            add(*each->ml, each->index, first_order, filled);
        fuller_ = emptier_;
        for (Moving* each: {&gates_, &pools_})
            each->first = each->second = each->begun;
    }

    // Solve for the change of the voltage within a part of a step; stimuli are those of `t_ms`. Currents
    // are on a line through those of `v`, and the change is counted from `back` of there.
    void solve(double t_ms, double part_ms, double const* back) {
        thread_._t = t_ms;
        fixed_play_continuous(&thread_);
        thread_._dt = part_ms;
        thread_.cj = 1 / part_ms;
        double* const d = thread_.node_d_storage();
        double const* const a = thread_.node_a_storage();
        double const* const b = thread_.node_b_storage();
        int const* const parents = thread_._v_parent_index;
        std::fill_n(change, count, 0.0);
        std::fill_n(d, count, 0.0);
        add_membrane(d);
        for (int i = 0; i < count; ++i) {
            change[i] -= d[i] * back[i];
            v[i] += back[i];
        }
        add_capacitance(d);
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
            for (int i = 0; i < ion.list->nodecount; ++i) {
                int const node = ion.list->nodeindices[i];
                ion.current[i] += ion.slope[i] * (change[node] + back[node]);
            }
    }

    // Lead all STATEs on from one time to another, counted from `t_ms`. `see(x, more)` puts the voltages
    // of the time x, with their second difference `more` times, `flow(x, more)` the currents. Gates see
    // concentrations on their way from old to new.
    template <typename See, typename Flow>
    void advance(double t_ms, double from, double to, See const& see, Flow const& flow) {
        thread_._t = t_ms;
        double const way = to - from;
        if (pools_.empty()) {
            flow((from + to) / 2, 0);
            advance(gates_, way, [&](double part, double uneven) {
                see(from + part * way, uneven * way * way);
            });
            return;
        }
        emptier_.take();
        advance(pools_, way, [&](double part, double uneven) {
            see(from + part * way, uneven * way * way);
            flow(from + part * way, uneven * way * way);
        });
        fuller_.take();
        advance(gates_, way, [&](double part, double uneven) {
            see(from + part * way, uneven * way * way);
            emptier_.mix(1 - part, fuller_, part);
        });
        fuller_.put_back();
    }

    // Let arrive what stands in NEURON's queue for a time, and what rounding puts just after it.
    void deliver(double t_ms, double rounding_ms) {
        thread_._t = t_ms + rounding_ms;
        nrn_deliver_events(&thread_);
        thread_._t = t_ms;
    }

    void record(double t_ms) {
        thread_._t = t_ms;
        fixed_record_continuous(token_, thread_);
    }

    double* const v;
    double* const change;
    int const count;
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

    // Mechanisms whose own step is exact while nothing else moves, and those where it is backward
    // Euler's, with what these change.
    struct Moving {
        std::vector<Type> exact, inexact;
        Record begun, first, second;

        bool empty() const {
            return exact.empty() && inexact.empty();
        }
    };

    template <typename Look>
    void advance(Moving& moving, double way, Look const& look) {
        if (!moving.exact.empty())
            advance_exact(moving, way, look);
        if (!moving.inexact.empty())
            advance_inexact(moving, way, look);
    }

    // Two parts of the way, each with what is seen at one point. For an equation s' = a(x) - b(x) s
    // with a and b that change along a line, the points make the whole of third order. What a gate that
    // follows at once lags behind is then a sum of exponentials at 0, LAST and 1 of the way for their
    // integral; with this LAST it is right within 0.005 of the way up to five of its time constants. The
    // squares of the points have a mean of their own: what is seen of a parabola is lowered by that.
    template <typename Look>
    void advance_exact(Moving& moving, double way, Look const& look) {
        constexpr double LAST = 0.44, FIRST = 1 - LAST;
        constexpr double EARLY = (1. / 3 - LAST / 2) / FIRST, LATE = 0.5 + 1 / (6 * LAST);
        constexpr double UNEVEN = 1. / 3 - FIRST * EARLY * EARLY - LAST * LATE * LATE;
        look(EARLY, UNEVEN);
        thread_._dt = FIRST * way;
        call(moving.exact);
        look(LATE, UNEVEN);
        thread_._dt = LAST * way;
        call(moving.exact);
    }

    // Three steps of backward Euler as the stages of a method of third order that damps (Alexander
    // 1977, SIAM J Numer Anal 14:1006-1021).
    template <typename Look>
    void advance_inexact(Moving& moving, double way, Look const& look) {
        constexpr double STAGE = 0.43586652150845899942;
        constexpr double B1 = -(6 * STAGE * STAGE - 16 * STAGE + 1) / 4;
        constexpr double B2 = (6 * STAGE * STAGE - 20 * STAGE + 5) / 4;
        thread_._dt = STAGE * way;
        moving.begun.take();
        look(STAGE, 0);
        call(moving.inexact);
        moving.first.take();
        // The direction of a stage is what it moved, over its length.
        constexpr double half = (1 - STAGE) / (2 * STAGE);
        moving.begun.mix(1 - half, moving.first, half);
        moving.second.take();
        look((1 + STAGE) / 2, 0);
        call(moving.inexact);
        moving.second.measure();
        constexpr double b1 = B1 / STAGE, b2 = B2 / STAGE;
        moving.begun.mix(1 - b1, moving.first, b1, moving.second, b2);
        look(1, 0);
        call(moving.inexact);
    }

    void call(std::vector<Type> const& mechanisms) {
        for (auto const& [list, type]: mechanisms)
            memb_func[type].state(token_, &thread_, list, type);
    }

    // The ions of which a mechanism writes a concentration: NEURON gives it their style.
    static std::set<int> filled_by(int type) {
        std::set<int> found;
        int const* const semantics = memb_func[type].dparam_semantics.get();
        for (int i = 0; semantics && i < nrn_prop_dparam_size_[type]; ++i)
            if (nrn_semantics_is_ionstyle(semantics[i]))
                found.insert(nrn_semantics_ion_type(semantics[i]));
        return found;
    }

    void add(
        Memb_list& list, int type, Names const& first_order, std::set<int> const& filled) {
        Memb_func const& functions = memb_func[type];
        Symbol const& symbol = *functions.sym;
        if (type == CAP) {
            capacitance_ = &list;
        } else if (nrn_is_ion(type)) {
            // erev, inside, outside, current, slope of the current
            for (int i: {1, 2}) {
                states.add(&list.data(0, i), list.nodecount);
                if (filled.count(type))
                    for (Record* each: {&emptier_, &pools_.begun})
                        each->add(&list.data(0, i), list.nodecount);
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
            Moving& moving = filled_by(type).empty() ? gates_ : pools_;
            bool const inexact = first_order.count(symbol.name);
            int const variables = std::min<int>(symbol.s_varn, list.get_num_variables());
            for (int i = 0; i < variables; ++i)
                if (symbol.u.ppsym[i]->subtype == STATE) {
                    int const count = list.nodecount * list.get_array_dims(i);
                    states.add(&list.data(0, i), count, &moving == &gates_ ? RANGE : 0);
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
    }

    void add_capacitance(double* d) {
        double const* const cm = &capacitance_->data(0, 0);
        for (int i = 0; i < capacitance_->nodecount; ++i) {
            int const node = capacitance_->nodeindices[i];
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
    Record emptier_, fuller_;
};

}  // namespace
