// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/containers.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/volumes.hpp>
#include <berth/session/session.hpp>

#include <chrono>
#include <string>

namespace berth {

constexpr std::chrono::seconds k_cleanup_budget{30};  ///< What a destructor may take.

/// Owns one container, and force-removes it with its anonymous volumes when it goes. Made before the create is sent,
/// armed with the name, later with the id. Acts only in the process that made it. Not copyable: there is one remover.
class OwnedContainer {
  public:
    /// Writes the intent. @throws what a listener of the ledger throws
    OwnedContainer(Session session, std::string name);
    OwnedContainer(OwnedContainer&& other) noexcept;
    /// By value: what this owned before goes with `other`, and is removed.
    OwnedContainer& operator=(OwnedContainer other) noexcept;
    ~OwnedContainer();

    /// Sends the create, with the session's labels already in `config`. May be called again after it was refused (a
    /// pull in between). @throws as Containers::create
    void create(const ContainerConfig& config, Deadline deadline);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const ContainerId& id() const noexcept { return id_; }
    [[nodiscard]] bool created() const noexcept { return !id_.text.empty(); }

    /// Removes by id, or, while a create is in doubt, by name until it is certain that none is left. Throws what the
    /// destructor would log.
    void remove(Deadline deadline);
    /// The caller removes it from here on (or keeps it).
    ContainerId release() noexcept;
    /// Nobody here removes it any more; the ledger still holds it, for whoever cleans up after us.
    void abandon() noexcept { armed_ = false; }

  private:
    Session session_;
    std::string name_;
    ContainerId id_{};
    bool armed_{true};
    bool asked_{false};  // a create was sent, and what became of it is not known
};

/// The same for a network.
class OwnedNetwork {
  public:
    OwnedNetwork(Session session, std::string name);
    OwnedNetwork(OwnedNetwork&& other) noexcept;
    OwnedNetwork& operator=(OwnedNetwork other) noexcept;
    ~OwnedNetwork();
    void create(const NetworkConfig& config, Deadline deadline);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    void remove(Deadline deadline);
    std::string release() noexcept;
    void abandon() noexcept { armed_ = false; }

  private:
    Session session_;
    std::string name_;
    std::string id_{};
    bool armed_{true};
    bool asked_{false};
};

/// The same for a volume; it gets the session's labels.
class OwnedVolume {
  public:
    OwnedVolume(Session session, std::string name);
    OwnedVolume(OwnedVolume&& other) noexcept;
    OwnedVolume& operator=(OwnedVolume other) noexcept;
    ~OwnedVolume();
    void create(const std::string& driver, Deadline deadline);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    void remove(Deadline deadline);
    std::string release() noexcept;
    void abandon() noexcept { armed_ = false; }

  private:
    Session session_;
    std::string name_;
    bool armed_{true};
    bool asked_{false};
    bool created_{false};
};

}  // namespace berth
