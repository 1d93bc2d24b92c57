// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/digest.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/volumes.hpp>
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace berth::contract {

/// Engines that answer alike.
enum class Flavour {
    docker,     ///< 23 and later, and what the fake engine claims to be.
    docker_20,  ///< 20.10.
    podman,     ///< 4.3.
};

/// How a container behaves that a contract needs.
enum class Behaviour {
    idles,        ///< Prints `set`, until it is stopped; then its status is 0.
    prints,       ///< `to out` and `to err`, each on its stream, and idles.
    ends,         ///< Prints `last words` and ends with status 7.
    is_stubborn,  ///< Prints `set`; then only SIGKILL ends it.
    is_missing,   ///< Its command is not there.
    is_healthy,   ///< Its health check succeeds, and it idles.
    fails,        ///< Ends with status 3.
};

/// The engine that has to keep the contracts: a fake one, or the one that the tests run against. Both programs are made
/// of the same tests, and of one of these.
class Subject {
  public:
    Subject() = default;
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;
    virtual ~Subject() = default;

    [[nodiscard]] virtual std::string endpoint() const = 0;
    [[nodiscard]] virtual Flavour flavour() const = 0;
    [[nodiscard]] virtual ContainerConfig that(Behaviour behaviour) = 0;
    /// An image that the engine has not, and can pull.
    [[nodiscard]] virtual std::string pullable() = 0;
};

/// Defined once a program.
Subject& subject();

/// What is true of all engines, or of one otherwise.
template <class Value>
struct Per {
    Value docker{};
    std::optional<Value> docker_20{};  ///< As `docker` when nothing is said.
    std::optional<Value> podman{};
    [[nodiscard]] const Value& of(Flavour flavour) const {
        const auto& own = flavour == Flavour::docker_20 ? docker_20 : podman;
        return flavour == Flavour::docker || !own ? docker : *own;
    }
};

/// A raw answer.
struct Said {
    int status{0};
    std::string message{};  ///< The `message` of a JSON error, otherwise the body.
    std::string body{};
    http::Headers headers{};
};

/// What a test makes carries a label of its own, and goes after it.
class Contract : public ::testing::Test {
  protected:
    void TearDown() override;

    [[nodiscard]] std::string label() const { return "berth.test=" + session_; }
    [[nodiscard]] Labels labels() const { return {{"berth.test", session_}}; }
    [[nodiscard]] std::string name(const std::string& what) const { return "berth-test-" + session_ + "-" + what; }

    ContainerConfig config(Behaviour behaviour) const;
    ContainerId created(Behaviour behaviour) { return created(config(behaviour)); }
    ContainerId created(const ContainerConfig& config);
    /// One that handles signals has come so far.
    ContainerId started(Behaviour behaviour);
    /// Until it has printed: before that a signal ends it as it ends any process.
    void wait_until_set(const ContainerId& id);

    /// A version that all engines of the kind speak: `/v1.44`.
    [[nodiscard]] std::string version() const { return flavour() == Flavour::docker ? "/v1.44" : "/v1.41"; }

    /// With version() before the target. A body that begins with `{` is sent as JSON.
    [[nodiscard]] Said ask(const std::string& method, const std::string& target, const std::string& body = {}) const;

    /// Podman runs health checks by systemd, and where that is not, when it is told to.
    void check_health(const ContainerId& id) const;

    [[nodiscard]] Flavour flavour() const { return subject().flavour(); }
    [[nodiscard]] bool is_podman() const { return flavour() == Flavour::podman; }

    std::string session_ = random_hex(8);
    Engine engine_ = Engine::connect(subject().endpoint());
    Containers containers_ = engine_.containers();
    mutable http::Client client_{http::parse_endpoint(subject().endpoint())};
    int number_{0};
};

}  // namespace berth::contract
