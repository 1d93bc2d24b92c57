// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/error.hpp>

#include <string>
#include <string_view>

namespace berth {
struct ExecOptions;
}

namespace berth::engine {

// What an engine means by its words: engines answer the same thing with different statuses, so the text decides.

/// A create was refused. @throws NotFound BR0202 the image, BR0106 a network; Conflict BR0107 the name is taken
[[noreturn]] void explain_create(const EngineRefused& refused, const std::string& name, const std::string& image);

/// A start was refused. @throws EngineRefused BR0305 a port is taken, BR0306 the command cannot be run; NotFound a
/// network
[[noreturn]] void explain_start(const EngineRefused& refused, const std::string& container);

/// Podman, and Docker for some states, answers 500 where the state of an object does not allow something: rethrown as
/// Conflict (BR0107) when the words say so. A call that the engine does not have at all is BR0142.
[[noreturn]] void explain_state(const EngineRefused& refused);

/// A copy was refused. @throws NotFound BR0411 no directory, BR0416 no source; EngineRefused BR0412, BR0413, BR0414;
/// PermissionDenied BR0415
[[noreturn]] void explain_copy_in(const EngineRefused& refused, const std::string& directory,
                                  const std::string& container);
[[noreturn]] void explain_copy_out(const EngineRefused& refused, const std::string& path, const std::string& container);

/// BR0140 when the words name the least memory a container may have.
[[noreturn]] void explain_update(const EngineRefused& refused, const std::string& purpose);

/// Runs a call whose success depends on an object's state.
template <class Exchange>
auto with_states(Exchange exchange) {
    try {
        return exchange();
    } catch (const EngineRefused& refused) {
        explain_state(refused);
    }
}

/// A command as messages show it, cut.
std::string shown_command(const ExecOptions& options);

}  // namespace berth::engine
