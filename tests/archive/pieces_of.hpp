// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/archive/tar_writer.hpp>

#include <memory>
#include <string>

namespace berth::support {

/// A text as a source that gives it in pieces of `size` bytes.
inline archive::Pieces pieces_of(std::string text, std::size_t size = 1000) {
    struct State {
        std::string text;
        std::size_t at{0};
    };
    return [state = std::make_shared<State>(State{std::move(text)}), size]() -> std::string_view {
        const auto piece = std::string_view(state->text).substr(state->at, size);
        state->at += piece.size();
        return piece;
    };
}

}  // namespace berth::support
