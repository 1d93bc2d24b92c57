// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>
#include <berth/session/session.hpp>

#include <string>
#include <vector>

namespace berth {

/// What a clean-up removed, and what it could not.
struct CleanReport {
    std::vector<LedgerEntry> removed{};
    struct Left {
        LedgerEntry entry{};
        std::string why{};
    };
    std::vector<Left> left{};
};

/// Removes every container, network and volume whose labels hold all of `labels` (`berth.project=shop`), containers
/// first and at most eight at once. Only objects with our full label set are touched. Tries again until `deadline`;
/// never throws for a single object, that is what `left` is for.
/// @throws EngineUnreachable when the engine does not answer at all
CleanReport clean_by_labels(const Engine& engine, const std::vector<std::string>& labels, Deadline deadline);

/// Removes what the session's ledger still holds, creates in doubt included.
CleanReport clean_session(const Session& session, Deadline deadline);

}  // namespace berth
