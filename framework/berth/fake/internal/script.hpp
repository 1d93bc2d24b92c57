// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/image.hpp>
#include <berth/fake/internal/files.hpp>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace berth::fake {

using Json = nlohmann::json;

/// All that was said of an image. Guarded by the world; a container keeps the copy of its create.
struct ImageScript {
    std::string name{};  ///< As people write it, with its tag.
    std::vector<std::string> further_names{};
    std::string id{};
    bool present{true};
    std::string pull_error{};
    Json config = Json::object();
    FileTree files{};

    struct HealthStep {
        std::chrono::nanoseconds after{0};
        std::string status{};
    };
    std::vector<HealthStep> health{};
    struct Print {
        std::chrono::nanoseconds after{0};
        Stream stream{Stream::out};
        std::string line{};
    };
    std::vector<Print> prints{};
    struct Exit {
        std::chrono::nanoseconds after{0};
        int code{0};
        Ending ending{Ending::by_itself};
    };
    std::optional<Exit> exit{};
    int stop_code{0};
    bool ignores_stop{false};
    std::string missing_command{};
    std::optional<std::chrono::nanoseconds> accepts_after{};
    std::string http_answer{};  ///< Whole, as sent; empty: none.
    std::vector<std::pair<std::vector<std::string>, ExecResult>> commands{};
    std::function<ExecResult(const ExecRequest&)> anything{};
};

}  // namespace berth::fake
