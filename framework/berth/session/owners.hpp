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

/// What the owners below share: one object of a session, removed when its owner goes. Made before the create is sent,
/// armed with the name, later with the id. Acts only in the process that made it. Not copyable: there is one remover.
class OwnedObject {
  public:
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] bool created() const noexcept { return !id_.empty(); }

    /// Removes by id, or, while a create is in doubt, by name until it is certain that none is left. Throws what the
    /// destructor would log.
    void remove(Deadline deadline);
    /// Nobody here removes it any more; the ledger still holds it, for whoever cleans up after us.
    void abandon() noexcept { armed_ = false; }

  protected:
    /// Writes the intent. @throws what a listener of the ledger throws
    OwnedObject(Session session, ObjectKind kind, std::string name);
    OwnedObject(OwnedObject&& other) noexcept;
    /// What this owned before is removed.
    OwnedObject& operator=(OwnedObject&& other) noexcept;
    ~OwnedObject();

    [[nodiscard]] const Session& session() const noexcept { return session_; }
    [[nodiscard]] const std::string& object_id() const noexcept { return id_; }
    /// Runs `create`, which gives the id; keeps in mind when what became of it is not known.
    template <class Create>
    void send(Create create);
    /// The failed create may have made it all the same.
    void in_doubt() noexcept { asked_ = true; }
    /// The caller removes it from here on (or keeps it).
    void let_go() noexcept;

  private:
    Session session_;
    ObjectKind kind_;
    std::string name_;
    std::string id_{};
    bool armed_{true};
    bool asked_{false};  // a create was sent, and what became of it is not known
};

/// Owns one container, and force-removes it with its anonymous volumes when it goes.
class OwnedContainer : public OwnedObject {
  public:
    /// Writes the intent. @throws what a listener of the ledger throws
    OwnedContainer(Session session, std::string name);

    /// Sends the create, with the session's labels already in `config`. May be called again after it was refused (a
    /// pull in between). @throws as Containers::create
    void create(const ContainerConfig& config, Deadline deadline);
    [[nodiscard]] ContainerId id() const { return {object_id()}; }
    /// The caller removes it from here on (or keeps it).
    ContainerId release() noexcept;
};

/// The same for a network.
class OwnedNetwork : public OwnedObject {
  public:
    OwnedNetwork(Session session, std::string name);
    void create(const NetworkConfig& config, Deadline deadline);
    [[nodiscard]] const std::string& id() const noexcept { return object_id(); }
    std::string release() noexcept;
};

/// The same for a volume; it gets the session's labels.
class OwnedVolume : public OwnedObject {
  public:
    OwnedVolume(Session session, std::string name);
    void create(const std::string& driver, Deadline deadline);
    std::string release() noexcept;
};

}  // namespace berth
