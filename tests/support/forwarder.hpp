// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/endpoint.hpp>
#include <berth/process/child.hpp>
#include <tests/support/sockets.hpp>
#include <tests/support/source_root.hpp>
#include <tests/support/temp_dir.hpp>

#include <unistd.h>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace berth::support {

/// Runs a program of the system, which has to succeed. @returns what it prints
inline std::string run_tool(std::vector<std::string> argv, process::Variables additions = {}) {
    const auto ran = process::run_captured({.argv = std::move(argv), .additions = std::move(additions)},
                                           within(std::chrono::seconds(60)));
    if (!ran.status.success()) {
        throw std::runtime_error("tool failed: " + ran.status.text() + ": " + ran.err);
    }
    return ran.out;
}

/// Certificates made by the `openssl` program, in a folder of their own.
class Certificates {
  public:
    /// Makes `NAME.pem` and `NAME.key` of an authority.
    void authority(const std::string& name) const {
        run_tool({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                  "-days", "30", "-subj", "/CN=" + name, "-keyout", file(name + ".key"), "-out", file(name + ".pem")});
    }
    /// Makes `NAME.pem` and `NAME.key`, signed by an authority, or by itself when `by` is empty.
    /// @param names `IP:127.0.0.1,DNS:localhost`
    void signed_by(const std::string& by, const std::string& name, const std::string& names,
                   const std::string& days = "30") const {
        std::vector<std::string> request{"openssl",
                                         "req",
                                         "-newkey",
                                         "ec",
                                         "-pkeyopt",
                                         "ec_paramgen_curve:prime256v1",
                                         "-nodes",
                                         "-subj",
                                         "/CN=" + name,
                                         "-addext",
                                         "subjectAltName=" + names,
                                         "-keyout",
                                         file(name + ".key")};
        if (by.empty()) {
            request.insert(request.end(), {"-x509", "-days", days, "-out", file(name + ".pem")});
            run_tool(request);
            return;
        }
        request.insert(request.end(), {"-out", file(name + ".csr")});
        run_tool(request);
        run_tool({"openssl", "x509", "-req", "-in", file(name + ".csr"), "-CA", file(by + ".pem"), "-CAkey",
                  file(by + ".key"), "-CAcreateserial", "-copy_extensions", "copy", "-days", days, "-out",
                  file(name + ".pem")});
    }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
    [[nodiscard]] http::Tls files(const std::string& authority, const std::string& ours = "") const {
        return {.authorities = authority.empty() ? "" : file(authority + ".pem"),
                .certificate = ours.empty() ? "" : file(ours + ".pem"),
                .key = ours.empty() ? "" : file(ours + ".key")};
    }

  private:
    TempDir folder_;
};

/// A port on 127.0.0.1 that leads to a unix socket; see forward.py for the options.
class Forwarder {
  public:
    explicit Forwarder(const std::string& socket_path, std::vector<std::string> options = {})
        : child_({.argv = command(socket_path, std::move(options)),
                  .standard_input = process::Standard::pipe(),
                  .standard_output = process::Standard::pipe()}) {
        std::string line;
        while (line.find('\n') == std::string::npos) {
            char bytes[32];
            const auto count = ::read(child_.standard_output().get(), bytes, sizeof bytes);
            if (count <= 0) {
                throw std::runtime_error("forward.py did not start");
            }
            line.append(bytes, static_cast<std::size_t>(count));
        }
        port_ = static_cast<std::uint16_t>(std::stoi(line));
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  private:
    static std::vector<std::string> command(const std::string& socket_path, std::vector<std::string> options) {
        const auto script = source_root() / "tests/support/forward.py";
        std::vector<std::string> argv{"python3", script.string(), "--to", socket_path};
        argv.insert(argv.end(), options.begin(), options.end());
        return argv;
    }

    process::Child child_;
    std::uint16_t port_{0};
};

}  // namespace berth::support
