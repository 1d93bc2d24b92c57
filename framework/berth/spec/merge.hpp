// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>

// The one way in which two specs become one: `extends`, `include`, overlays, several files, `defaults.service` and
// fixtures all come in by it. Each value keeps the place where it was written.
//
// What `over` gives wins: texts, numbers, commands and waits replace; mappings (environment, labels, networks, ...)
// merge key by key; lists append. Ports are the same when address, published and container port and protocol are;
// mounts, copies, secrets and configs when their target is; the later one then replaces the earlier one where it
// stands. A member that is `overridden` replaces in any case, one that is `reset` takes away, and stays so for what is
// merged below later.

namespace berth {

[[nodiscard]] ServiceSpec merged(ServiceSpec below, const ServiceSpec& over);

/// Services of the same name merge; a service, network and so on that is `reset` in `over` is not in the result.
[[nodiscard]] EnvironmentSpec merged(EnvironmentSpec below, const EnvironmentSpec& over);

/// `defaults.service` merged below each service.
[[nodiscard]] EnvironmentSpec with_defaults_below(EnvironmentSpec spec);

/// Without what says `reset` inside mappings, once nothing is to be merged below any more.
[[nodiscard]] EnvironmentSpec without_resets(EnvironmentSpec spec);

}  // namespace berth
