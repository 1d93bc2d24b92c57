// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/image_lock.hpp>

#include <algorithm>

namespace berth {

bool ImageLock::has(std::string_view image, std::string_view platform) const noexcept {
    return find(image, platform) != nullptr;
}

const ImageLock::Entry* ImageLock::find(std::string_view image, std::string_view platform) const noexcept {
    const auto found = std::find_if(images.begin(), images.end(), [&](const Entry& one) {
        return one.image == image && (platform.empty() || one.platform == platform);
    });
    return found == images.end() ? nullptr : &*found;
}

}  // namespace berth
