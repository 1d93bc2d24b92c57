// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// Which content each image reference stands for. On disk: JSON, `{"version": 1, "images": [{"image", "platform",
/// "digest"}, ...]}`, sorted.
struct ImageLock {
    struct Entry {
        std::string image{};     ///< As it is written in the spec.
        std::string platform{};  ///< `linux/amd64`.
        std::string digest{};    ///< `sha256:...`.
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::vector<Entry> images{};
    std::string problem{};  ///< Why it could not be read; empty when it could.

    /// Whether it has the image, for any platform when `platform` is empty.
    [[nodiscard]] bool has(std::string_view image, std::string_view platform) const noexcept;
    /// Null when there is none.
    [[nodiscard]] const Entry* find(std::string_view image, std::string_view platform) const noexcept;
};

}  // namespace berth
