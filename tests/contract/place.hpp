// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/session/session.hpp>
#include <tests/contract/cut_life.hpp>
#include <tests/support/recording_proxy.hpp>
#include <tests/support/second_client.hpp>

#include <vector>

namespace berth::contract {

/// The real engine that the tests run against, behind a proxy of its own, with a session of its own.
class Place {
  public:
    /// `direct` is connected without a proxy.
    explicit Place(const Engine& direct);

    /// One life on which these faults act. What is left of it afterwards is said in `wrong`; faults that have not acted
    /// are healed.
    Lived live(const std::vector<support::Fault>& faults);

    /// Removes what of this session is left.
    void remove_all() const;
    /// Objects of this session, counted by the second client: containers and volumes.
    [[nodiscard]] std::size_t left() const;
    [[nodiscard]] std::string new_name();

    [[nodiscard]] support::RecordingProxy& proxy() noexcept { return proxy_; }
    [[nodiscard]] Session& session() noexcept { return session_; }
    [[nodiscard]] const ContainerConfig& config() const noexcept { return config_; }
    [[nodiscard]] Containers containers() const { return session_.engine().containers(); }

  private:
    support::RecordingProxy proxy_;
    Session session_;
    ContainerConfig config_;
    support::SecondClient second_{};
    int lives_{0};
};

}  // namespace berth::contract
