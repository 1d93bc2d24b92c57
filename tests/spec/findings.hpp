// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>
#include <berth/spec/validation.hpp>

#include <string>
#include <vector>

namespace berth {

/// What validate() says about a spec written in a test: the whole text but for the closing line, and with every place
/// as `spec.cpp:1`, so that a test does not depend on its own line numbers.
inline std::string findings(const EnvironmentSpec& spec, const ValidateOptions& options = {}) {
    auto found = validate(spec, options);
    const auto move = [](Origin& where) {
        if (where.known()) {
            where = {"spec.cpp", 1, 0, 0, 0};
        }
    };
    for (auto& diagnostic : found) {
        move(diagnostic.where);
        for (auto& label : diagnostic.labels) {
            move(label.where);
        }
    }
    const std::string text = render_text(found, SourceTexts{}, Colour::never, 0);
    const auto closing = text.rfind("\n\n");
    return closing == std::string::npos ? text : text.substr(0, closing + 1);
}

/// A service that nothing can be said against.
inline ServiceSpec fine(const std::string& name, int port = 80) {
    return service(name, "registry.lan/" + std::string("app:1")).with_port(port);
}

inline EnvironmentSpec environment_of(std::vector<ServiceSpec> services) {
    EnvironmentSpec spec;
    spec.services = std::move(services);
    return spec;
}

/// One finding at the spec's place.
inline std::string said(const std::string& line, const std::string& more = {}) {
    return line + "\n --> spec.cpp:1\n" + more;
}

}  // namespace berth
