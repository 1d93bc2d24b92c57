// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::engine {

/// What BuildKit reports now and then: the steps that changed, how far parts of them are, and what they printed.
struct BuildTrace {
    struct Vertex {
        std::string digest{};
        std::string name{};  ///< `[stage 2/3] RUN make`.
        bool cached{false};
        bool started{false};
        bool completed{false};
        std::string error{};
    };
    struct Status {
        std::string id{};  ///< Of a layer, or what is done: `exporting layers`.
        std::string vertex{};
        std::int64_t current{0};
        std::int64_t total{0};
        bool completed{false};
    };
    struct Log {
        std::string vertex{};
        std::int64_t stream{0};  ///< 1 output, 2 errors.
        std::string text{};
    };
    struct Warning {
        std::string vertex{};
        std::string text{};
    };
    std::vector<Vertex> vertexes{};
    std::vector<Status> statuses{};
    std::vector<Log> logs{};
    std::vector<Warning> warnings{};
};

/// Reads the protobuf message `StatusResponse`; fields it does not know are passed over.
/// @param why what is wrong, when it is none: `a length beyond the end`
/// @returns false for bytes that are no such message; `trace` is then not to be used
bool decode_build_trace(std::string_view bytes, BuildTrace& trace, std::string& why);

}  // namespace berth::engine
