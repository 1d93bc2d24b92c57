// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/stream_state.hpp>

#include <fmt/format.h>

namespace berth {

Streams Containers::attach(const ContainerId& id, const AttachOptions& options, Deadline deadline) {
    const auto flag = [](bool value) { return value ? "1" : "0"; };
    engine::Call call{.purpose = fmt::format("cannot attach to container '{}'", engine::shown(id.text)),
                      .method = "POST",
                      .path = fmt::format("/containers/{}/attach", http::encode_segment(id.text)),
                      .query = {{"stream", "1"},
                                {"stdin", flag(options.standard_input)},
                                {"stdout", flag(options.standard_output)},
                                {"stderr", flag(options.standard_error)},
                                {"logs", flag(options.history)}},
                      .upgrade = true};
    if (!options.detach_keys.empty()) {
        call.query.emplace_back("detachKeys", options.detach_keys);
    }
    http::Stream stream = engine::with_states([&] { return wire_->open(call, {101, 200}, deadline); });
    return Streams(std::make_unique<Streams::State>(wire_, std::move(call), std::move(stream), options.tty));
}

void Containers::resize(const ContainerId& id, TerminalSize size, Deadline deadline) {
    const engine::Call call{
        .purpose = fmt::format("cannot resize the terminal of container '{}'", engine::shown(id.text)),
        .method = "POST",
        .path = fmt::format("/containers/{}/resize", http::encode_segment(id.text)),
        .query = {{"h", std::to_string(size.rows)}, {"w", std::to_string(size.columns)}}};
    engine::with_states([&] { return wire_->send(call, {200}, std::move(deadline)); });
}

}  // namespace berth
