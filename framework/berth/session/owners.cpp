// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/session/internal/removing.hpp>
#include <berth/session/owners.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace berth {

OwnedObject::OwnedObject(Session session, ObjectKind kind, std::string name)
    : session_(std::move(session)), kind_(kind), name_(std::move(name)) {
    session_.ledger().intend(kind_, name_);
}

// The session is copied, so that what was moved from can still be asked.
OwnedObject::OwnedObject(OwnedObject&& other) noexcept
    : session_(other.session_),
      kind_(other.kind_),
      name_(std::move(other.name_)),
      id_(std::exchange(other.id_, {})),
      armed_(std::exchange(other.armed_, false)),
      asked_(std::exchange(other.asked_, false)) {}

OwnedObject& OwnedObject::operator=(OwnedObject&& other) noexcept {
    OwnedObject taken(std::move(other));  // in the end it holds, and removes, what this owned
    std::swap(session_, taken.session_);
    std::swap(kind_, taken.kind_);
    std::swap(name_, taken.name_);
    std::swap(id_, taken.id_);
    std::swap(armed_, taken.armed_);
    std::swap(asked_, taken.asked_);
    return *this;
}

// Destructors have nobody to tell but the log.
OwnedObject::~OwnedObject() {
    if (!armed_ || !session_.is_owner_process()) {
        return;
    }
    try {
        try {
            remove(within(k_cleanup_budget));
        } catch (const std::exception& error) {
            log::error(fmt::format("{} '{}' is left behind: {}", removing::word(kind_), name_, error.what()));
        }
    } catch (...) {
        // Not even a line could be made of it (out of memory): the labels still name the owner for the next sweep.
        return;
    }
}

void OwnedObject::remove(Deadline deadline) {
    if (!armed_ || !session_.is_owner_process()) {
        return;
    }
    const LedgerEntry entry{kind_, name_, id_};
    if (created()) {
        removing::remove(session_.engine(), entry, deadline);
    } else if (asked_) {
        removing::settle(session_, entry, deadline);
    }
    session_.ledger().gone(kind_, name_);
    armed_ = false;
}

void OwnedObject::let_go() noexcept {
    if (!std::exchange(armed_, false)) {
        return;
    }
    try {
        try {
            session_.ledger().gone(kind_, name_);
        } catch (const std::exception& error) {
            log::warn(fmt::format("{} '{}' was let go, and its record could not be told: {}", removing::word(kind_),
                                  name_, error.what()));
        }
    } catch (...) {
        return;  // as in the destructor
    }
}

// The engine floor looks up by name what became of a create whose answer was lost, so its errors say that nothing was
// made; all but InDoubt. Whatever else ends a create (Cancelled) leaves that open, and the name has to be looked up
// here.
template <class Create>
void OwnedObject::send(Create create) {
    asked_ = true;
    try {
        id_ = create();
    } catch (const InDoubt&) {
        throw;
    } catch (const Error&) {
        asked_ = false;
        throw;
    }
    session_.ledger().done(kind_, name_, id_);
}

OwnedContainer::OwnedContainer(Session session, std::string name)
    : OwnedObject(std::move(session), ObjectKind::container, std::move(name)) {}

void OwnedContainer::create(const ContainerConfig& config, Deadline deadline) {
    try {
        send([&] { return session().engine().containers().create(name(), config, deadline).id.text; });
    } catch (const Error&) {
        // With several networks it may be a later connect that failed, when the container is there already.
        if (config.networks.size() > 1) {
            in_doubt();
        }
        throw;
    }
}

ContainerId OwnedContainer::release() noexcept {
    let_go();
    return id();
}

OwnedNetwork::OwnedNetwork(Session session, std::string name)
    : OwnedObject(std::move(session), ObjectKind::network, std::move(name)) {}

void OwnedNetwork::create(const NetworkConfig& config, Deadline deadline) {
    send([&] { return session().engine().networks().create(name(), config, deadline); });
}

std::string OwnedNetwork::release() noexcept {
    let_go();
    return id();
}

OwnedVolume::OwnedVolume(Session session, std::string name)
    : OwnedObject(std::move(session), ObjectKind::volume, std::move(name)) {}

// A volume's name is its id.
void OwnedVolume::create(const std::string& driver, Deadline deadline) {
    send([&] { return session().engine().volumes().create(name(), driver, session().labels(), deadline).name; });
}

std::string OwnedVolume::release() noexcept {
    let_go();
    return name();
}

}  // namespace berth
