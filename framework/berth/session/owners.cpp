// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/session/internal/removing.hpp>
#include <berth/session/owners.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace berth {
namespace {

// The engine floor looks up by name what became of a create whose answer was lost, so its errors say that nothing was
// made; all but InDoubt. Whatever else ends a create (Cancelled) leaves that open, and the name has to be looked up
// here.
template <class Create>
void send_create(bool& asked, Create create) {
    asked = true;
    try {
        create();
    } catch (const InDoubt&) {
        throw;
    } catch (const Error&) {
        asked = false;
        throw;
    }
}

/// What there is to remove of an owned object. `id` empty: not known to be created.
void remove_owned(const Session& session, ObjectKind kind, const std::string& name, const std::string& id, bool asked,
                  const Deadline& deadline) {
    const LedgerEntry entry{kind, name, id};
    if (!id.empty()) {
        removing::remove(session.engine(), entry, deadline);
    } else if (asked) {
        removing::settle(session, entry, deadline);
    }
    session.ledger().gone(kind, name);
}

// Destructors have nobody to tell but the log.
template <class Remove>
void remove_or_log(ObjectKind kind, const std::string& name, Remove remove) noexcept {
    try {
        try {
            remove(within(k_cleanup_budget));
        } catch (const std::exception& error) {
            log::error(fmt::format("{} '{}' is left behind: {}", removing::word(kind), name, error.what()));
        }
    } catch (...) {
        // Not even a line could be made of it (out of memory): the labels still name the owner for the next sweep.
        return;
    }
}

void forget(const Session& session, ObjectKind kind, const std::string& name) noexcept {
    try {
        try {
            session.ledger().gone(kind, name);
        } catch (const std::exception& error) {
            log::warn(fmt::format("{} '{}' was let go, and its record could not be told: {}", removing::word(kind),
                                  name, error.what()));
        }
    } catch (...) {
        return;  // as above
    }
}

}  // namespace

OwnedContainer::OwnedContainer(Session session, std::string name)
    : session_(std::move(session)), name_(std::move(name)) {
    session_.ledger().intend(ObjectKind::container, name_);
}

// The session is copied, so that what was moved from can still be asked.
OwnedContainer::OwnedContainer(OwnedContainer&& other) noexcept
    : session_(other.session_),
      name_(std::move(other.name_)),
      id_(std::exchange(other.id_, {})),
      armed_(std::exchange(other.armed_, false)),
      asked_(std::exchange(other.asked_, false)) {}

OwnedContainer& OwnedContainer::operator=(OwnedContainer other) noexcept {
    std::swap(session_, other.session_);
    std::swap(name_, other.name_);
    std::swap(id_, other.id_);
    std::swap(armed_, other.armed_);
    std::swap(asked_, other.asked_);
    return *this;
}

OwnedContainer::~OwnedContainer() {
    if (armed_ && session_.is_owner_process()) {
        remove_or_log(ObjectKind::container, name_, [this](Deadline deadline) { remove(deadline); });
    }
}

void OwnedContainer::create(const ContainerConfig& config, Deadline deadline) {
    try {
        send_create(asked_, [&] { id_ = session_.engine().containers().create(name_, config, deadline).id; });
    } catch (const Error&) {
        // With several networks it may be a later connect that failed, when the container is there already.
        asked_ = asked_ || config.networks.size() > 1;
        throw;
    }
    session_.ledger().done(ObjectKind::container, name_, id_.text);
}

void OwnedContainer::remove(Deadline deadline) {
    if (!armed_ || !session_.is_owner_process()) {
        return;
    }
    remove_owned(session_, ObjectKind::container, name_, id_.text, asked_, deadline);
    armed_ = false;
}

ContainerId OwnedContainer::release() noexcept {
    if (std::exchange(armed_, false)) {
        forget(session_, ObjectKind::container, name_);
    }
    return id_;
}

OwnedNetwork::OwnedNetwork(Session session, std::string name) : session_(std::move(session)), name_(std::move(name)) {
    session_.ledger().intend(ObjectKind::network, name_);
}

OwnedNetwork::OwnedNetwork(OwnedNetwork&& other) noexcept
    : session_(other.session_),
      name_(std::move(other.name_)),
      id_(std::exchange(other.id_, {})),
      armed_(std::exchange(other.armed_, false)),
      asked_(std::exchange(other.asked_, false)) {}

OwnedNetwork& OwnedNetwork::operator=(OwnedNetwork other) noexcept {
    std::swap(session_, other.session_);
    std::swap(name_, other.name_);
    std::swap(id_, other.id_);
    std::swap(armed_, other.armed_);
    std::swap(asked_, other.asked_);
    return *this;
}

OwnedNetwork::~OwnedNetwork() {
    if (armed_ && session_.is_owner_process()) {
        remove_or_log(ObjectKind::network, name_, [this](Deadline deadline) { remove(deadline); });
    }
}

void OwnedNetwork::create(const NetworkConfig& config, Deadline deadline) {
    send_create(asked_, [&] { id_ = session_.engine().networks().create(name_, config, deadline); });
    session_.ledger().done(ObjectKind::network, name_, id_);
}

void OwnedNetwork::remove(Deadline deadline) {
    if (!armed_ || !session_.is_owner_process()) {
        return;
    }
    remove_owned(session_, ObjectKind::network, name_, id_, asked_, deadline);
    armed_ = false;
}

std::string OwnedNetwork::release() noexcept {
    if (std::exchange(armed_, false)) {
        forget(session_, ObjectKind::network, name_);
    }
    return id_;
}

OwnedVolume::OwnedVolume(Session session, std::string name) : session_(std::move(session)), name_(std::move(name)) {
    session_.ledger().intend(ObjectKind::volume, name_);
}

OwnedVolume::OwnedVolume(OwnedVolume&& other) noexcept
    : session_(other.session_),
      name_(std::move(other.name_)),
      armed_(std::exchange(other.armed_, false)),
      asked_(std::exchange(other.asked_, false)),
      created_(std::exchange(other.created_, false)) {}

OwnedVolume& OwnedVolume::operator=(OwnedVolume other) noexcept {
    std::swap(session_, other.session_);
    std::swap(name_, other.name_);
    std::swap(armed_, other.armed_);
    std::swap(asked_, other.asked_);
    std::swap(created_, other.created_);
    return *this;
}

OwnedVolume::~OwnedVolume() {
    if (armed_ && session_.is_owner_process()) {
        remove_or_log(ObjectKind::volume, name_, [this](Deadline deadline) { remove(deadline); });
    }
}

void OwnedVolume::create(const std::string& driver, Deadline deadline) {
    send_create(asked_, [&] { session_.engine().volumes().create(name_, driver, session_.labels(), deadline); });
    created_ = true;
    session_.ledger().done(ObjectKind::volume, name_, name_);
}

void OwnedVolume::remove(Deadline deadline) {
    if (!armed_ || !session_.is_owner_process()) {
        return;
    }
    remove_owned(session_, ObjectKind::volume, name_, created_ ? name_ : std::string{}, asked_, deadline);
    armed_ = false;
}

std::string OwnedVolume::release() noexcept {
    if (std::exchange(armed_, false)) {
        forget(session_, ObjectKind::volume, name_);
    }
    return name_;
}

}  // namespace berth
