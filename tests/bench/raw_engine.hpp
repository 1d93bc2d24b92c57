// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bench {

/// The floor that Berth is measured against: plain POSIX calls on one warm connection, without a line of Berth. Reads
/// answers with a Content-Length, with chunks, or without a body; enough for the calls that are measured.
class RawEngine {
  public:
    /// @param socket path of the engine's unix socket
    explicit RawEngine(const std::string& socket);
    ~RawEngine();
    RawEngine(const RawEngine&) = delete;
    RawEngine& operator=(const RawEngine&) = delete;

    struct Answer {
        int status{0};
        std::string body{};
    };
    /// @throws std::runtime_error when the connection breaks
    Answer call(const std::string& method, const std::string& target, const std::string& body = {});

  private:
    void fill();
    std::string take(std::size_t size);
    std::string take_line();

    int descriptor_;
    std::string buffer_;
};

}  // namespace bench
