// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/volumes.hpp>
#include <berth/session/cleaning.hpp>
#include <berth/session/internal/removing.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <mutex>
#include <utility>

namespace berth {
namespace {

constexpr std::array k_full_label_set{"berth.session", "berth.host", "berth.created", "berth.project", "berth.run"};

bool is_made_by_berth(const Labels& labels) {
    return std::all_of(k_full_label_set.begin(), k_full_label_set.end(),
                       [&](const char* key) { return labels.count(key) != 0; });
}

std::vector<LedgerEntry> find_all(const Engine& engine, ObjectKind kind, const std::vector<std::string>& labels,
                                  const Deadline& deadline) {
    std::vector<LedgerEntry> found;
    const auto add = [&](const Labels& its_labels, std::string name, std::string id) {
        if (is_made_by_berth(its_labels)) {
            found.push_back({kind, std::move(name), std::move(id)});
        }
    };
    switch (kind) {
        case ObjectKind::container:
            for (const auto& each : engine.containers().list({.all = true, .labels = labels, .name = {}}, deadline)) {
                add(each.labels, each.names.empty() ? each.id.text : each.names.front(), each.id.text);
            }
            break;
        case ObjectKind::network:
            for (const auto& each : engine.networks().list(labels, deadline)) {
                add(each.labels, each.name, each.id);
            }
            break;
        case ObjectKind::volume:
            for (const auto& each : engine.volumes().list(labels, deadline)) {
                add(each.labels, each.name, each.name);
            }
            break;
    }
    return found;
}

/// Collects what workers report. A Cancelled of any of them is thrown once all have ended.
class Outcome {
  public:
    template <class Work>
    void of(const LedgerEntry& entry, Work work) noexcept {
        try {
            work();
            const std::lock_guard lock(mutex_);
            removed_.push_back(entry);
        } catch (const Error& error) {
            const std::lock_guard lock(mutex_);
            left_.push_back({entry, error.summary()});
            again_ = again_ || removing::worth_retrying(error);
        } catch (...) {
            const std::lock_guard lock(mutex_);
            broken_ = std::current_exception();
        }
    }

    /// Moves what was removed to `report`, and makes what is left its own. @returns whether trying again may help
    bool tell(CleanReport& report) {
        if (broken_) {
            std::rethrow_exception(broken_);
        }
        report.removed.insert(report.removed.end(), removed_.begin(), removed_.end());
        report.left = std::move(left_);
        return again_;
    }

  private:
    std::mutex mutex_;
    std::vector<LedgerEntry> removed_;
    std::vector<CleanReport::Left> left_;
    std::exception_ptr broken_;
    bool again_{false};
};

constexpr std::array k_order{ObjectKind::container, ObjectKind::network, ObjectKind::volume};

}  // namespace

CleanReport clean_by_labels(const Engine& engine, const std::vector<std::string>& labels, Deadline deadline) {
    CleanReport report;
    removing::Backoff backoff;
    bool answered = false;
    while (true) {
        Outcome outcome;
        std::size_t found = 0;
        std::exception_ptr not_listed;
        try {
            for (const ObjectKind kind : k_order) {
                const auto entries = find_all(engine, kind, labels, deadline.sooner(removing::k_attempt));
                answered = true;
                found += entries.size();
                removing::at_most_eight(entries.size(), [&](std::size_t i) {
                    outcome.of(entries[i], [&] { removing::remove_once(engine, entries[i], deadline); });
                });
            }
        } catch (const Error& error) {
            // Once it has answered it may come back (a restart keeps ids and labels); before, there is nothing to wait
            // for.
            if (!answered || !removing::worth_retrying(error)) {
                throw;
            }
            not_listed = std::current_exception();
        }
        const bool again = outcome.tell(report);
        if (not_listed) {
            if (!backoff.wait(deadline)) {
                std::rethrow_exception(not_listed);  // what is left is not known
            }
        } else if (found == 0) {
            return report;  // an empty list confirms what the pass before removed
        } else if (!report.left.empty() && (!again || !backoff.wait(deadline))) {
            return report;
        }
    }
}

CleanReport clean_session(const Session& session, Deadline deadline) {
    CleanReport report;
    if (!session.is_owner_process()) {
        return report;
    }
    const auto live = session.ledger().live();
    for (const ObjectKind kind : k_order) {
        std::vector<LedgerEntry> entries;
        std::copy_if(live.begin(), live.end(), std::back_inserter(entries),
                     [&](const LedgerEntry& entry) { return entry.kind == kind; });
        Outcome outcome;
        removing::at_most_eight(entries.size(), [&](std::size_t i) {
            outcome.of(entries[i], [&] {
                if (entries[i].id.empty()) {
                    removing::settle(session, entries[i], deadline);
                } else {
                    removing::remove(session.engine(), entries[i], deadline);
                }
                session.ledger().gone(kind, entries[i].name);
            });
        });
        CleanReport of_kind;
        outcome.tell(of_kind);
        std::move(of_kind.removed.begin(), of_kind.removed.end(), std::back_inserter(report.removed));
        std::move(of_kind.left.begin(), of_kind.left.end(), std::back_inserter(report.left));
    }
    return report;
}

}  // namespace berth
