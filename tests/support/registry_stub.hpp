// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tests/support/forwarder.hpp>
#include <tests/support/scripted_server.hpp>

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace berth::support {

/// A registry on loopback that does wrong what it is told to, by the first part of a repository's name:
///
/// | mode | what it does |
/// |---|---|
/// | `ok` | serves the image |
/// | `401` `403` `404` `429` `500` `503` | answers a manifest with that status and what registries say with it |
/// | `html` | answers a manifest with the page of a proxy |
/// | `garbage` | a manifest that is none |
/// | `corrupt` | a layer of other bytes than its digest says |
/// | `short` | a layer that ends in its middle |
/// | `blob500` `blob429` | that status for a layer |
/// | `hang` | takes the question for a manifest and says nothing |
/// | `stall` | a layer that stops in its middle |
/// | `flaky` | 503 twice, then the image |
/// | `limited` | 429 once, then the image |
class RegistryStub {
  public:
    using Clock = std::chrono::steady_clock;

    RegistryStub();

    /// `127.0.0.1:PORT`.
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(forwarder_.port()); }
    /// `127.0.0.1:PORT/MODE/app:1`.
    [[nodiscard]] std::string image(const std::string& mode) const { return address() + '/' + mode + "/app:1"; }

    /// How often the manifest of a mode's image was asked for, and when.
    [[nodiscard]] std::vector<Clock::time_point> manifests_asked(const std::string& mode) const;
    /// The Authorization that came with the last question; empty when none did.
    [[nodiscard]] std::string authorization() const;

  private:
    struct Image {
        std::string manifest{};
        std::string config{};
        std::string layer{};
        std::string layer_digest{};
    };
    void answer(const Received& request, Peer& peer);
    void answer_manifest(const std::string& mode, const Received& request, Peer& peer);
    void answer_blob(const std::string& mode, const std::string& digest, const Received& request, Peer& peer);
    void search(Peer& peer) const;
    const Image& image_of(const std::string& mode);

    std::string random_;
    mutable std::mutex mutex_;
    std::map<std::string, Image> images_;
    std::map<std::string, std::vector<Clock::time_point>> asked_;
    std::string authorization_;
    ScriptedServer server_;
    Forwarder forwarder_;
};

}  // namespace berth::support
