// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/members.hpp>
#include <berth/spec/merge.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {
namespace {

using internal::for_each_member;
using internal::k_has_fields;

template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};

template <class T, class = void>
constexpr bool k_has_presence = false;
template <class T>
constexpr bool k_has_presence<T, std::void_t<decltype(std::declval<T>().presence)>> =
    !std::is_member_function_pointer_v<decltype(&T::presence)>;

std::string key_of(const PortSpec& port) {
    return fmt::format("{} {} {}-{} {}-{} {}", port.host_ip.value(), static_cast<int>(port.published->how),
                       port.published->range.first, port.published->range.last, port.target->first, port.target->last,
                       static_cast<int>(port.protocol.value_or(Protocol::tcp)));
}
std::string key_of(const MountSpec& mount) {
    return *mount.target;
}
std::string key_of(const CopySpec& copy) {
    return *copy.to;
}
std::string key_of(const SecretRef& secret) {
    return secret.target.value_or("/run/secrets/" + *secret.source);
}
std::string key_of(const ConfigRef& config) {
    return config.target.value_or('/' + *config.source);
}

template <class T, class = void>
constexpr bool k_has_key = false;
template <class T>
constexpr bool k_has_key<T, std::void_t<decltype(key_of(std::declval<const T&>()))>> = true;

/// Lists whose equal items are one: names, ports.
template <class T>
constexpr bool k_is_set = std::is_same_v<T, std::string> || std::is_same_v<T, PortRange> || std::is_enum_v<T>;

template <class Struct>
Struct merged_struct(Struct below, const Struct& over);

template <class T>
T combined(T below, const T& over);

template <class T>
T combined_entry(T below, const T& over) {
    if constexpr (k_has_presence<T>) {
        if (over.presence != Presence::given) {
            return over;
        }
    }
    T result = combined(std::move(below), over);
    if constexpr (k_has_presence<T>) {
        if (result.presence == Presence::reset) {
            result.presence = Presence::overridden;
        }
    }
    return result;
}

AnyValue combined_any(AnyValue below, const AnyValue& over) {
    if (below.kind != over.kind || below.kind == AnyValue::Kind::text || below.kind == AnyValue::Kind::null) {
        return over;
    }
    below.items.insert(below.items.end(), over.items.begin(), over.items.end());
    for (const auto& [key, value] : over.entries) {
        const auto [entry, fresh] = below.entries.emplace(key, value);
        if (!fresh) {
            entry->second = combined_any(std::move(entry->second), value);
        }
    }
    return below;
}

template <class T>
std::vector<T> combined_list(std::vector<T> below, const std::vector<T>& over) {
    const std::size_t before = below.size();
    for (const auto& item : over) {
        auto found = below.begin() + static_cast<std::ptrdiff_t>(before);
        if constexpr (k_has_key<T>) {
            found = std::find_if(below.begin(), found, [&](const T& one) { return key_of(one) == key_of(item); });
        } else if constexpr (k_is_set<T>) {
            found = std::find(below.begin(), found, item);
        }
        if (found != below.begin() + static_cast<std::ptrdiff_t>(before)) {
            *found = item;
        } else {
            below.push_back(item);
        }
    }
    return below;
}

/// Both are given.
template <class T>
T combined(T below, const T& over) {
    if constexpr (std::is_same_v<T, WaitSpec> || std::is_same_v<T, Words> || std::is_same_v<T, ShellOrArgv>) {
        return over;
    } else if constexpr (std::is_same_v<T, AnyValue>) {
        return combined_any(std::move(below), over);
    } else if constexpr (std::is_same_v<T, LoggingSpec>) {
        return below.driver.given() && over.driver.given() && *below.driver != *over.driver
                   ? over
                   : merged_struct(std::move(below), over);  // options are the driver's
    } else if constexpr (IsMap<T>::value) {
        for (const auto& [key, value] : over) {
            const auto [entry, fresh] = below.emplace(key, value);
            if (!fresh) {
                entry->second = combined_entry(std::move(entry->second), value);
            }
        }
        return below;
    } else if constexpr (IsList<T>::value) {
        return combined_list(std::move(below), over);
    } else if constexpr (k_has_fields<T>) {
        return merged_struct(std::move(below), over);
    } else {
        return over;
    }
}

template <class T>
void merge_member(Given<T>& below, const Given<T>& over) {
    if (over.presence() == Presence::absent) {
        return;
    }
    if (over.presence() != Presence::given || below.presence() == Presence::absent) {
        below = over;
    } else if (below.presence() == Presence::reset) {
        below = Given<T>::read(*over, over.origin(), Presence::overridden);
    } else {
        below = Given<T>::read(combined(*below, *over), over.origin(), below.presence());
    }
}

template <class T>
void merge_member(T& below, const T& over) {  // always there: of a limit, say
    below = over;
}

void merge_member(std::vector<ServiceSpec>& below, const std::vector<ServiceSpec>& over) {
    for (const auto& service : over) {
        const auto found = std::find_if(below.begin(), below.end(),
                                        [&](const ServiceSpec& one) { return *one.name == *service.name; });
        if (found == below.end()) {
            below.push_back(service);
        } else if (service.name.presence() != Presence::given) {
            *found = service;
        } else {
            *found = merged(std::move(*found), service);
        }
    }
}

template <class Struct>
Struct merged_struct(Struct below, const Struct& over) {
    for_each_member<Struct>([&](const FieldRow&, auto member) { merge_member(below.*member, over.*member); });
    if constexpr (std::is_same_v<Struct, ServiceSpec>) {
        merge_member(below.pull_interval, over.pull_interval);
        // A user by name and one that is made are two ways to say the same.
        if (over.user.given()) {
            below.user_setup = {};
        }
        if (over.user_setup.given()) {
            below.user = {};
        }
        merge_member(below.user_setup, over.user_setup);
    }
    return below;
}

template <class T>
void strip(T& value);

template <class T>
void strip_entries(std::map<std::string, T>& entries) {
    for (auto entry = entries.begin(); entry != entries.end();) {
        bool gone = false;
        if constexpr (std::is_same_v<T, Value>) {
            gone = entry->second.reset;
        } else if constexpr (k_has_presence<T>) {
            gone = entry->second.presence == Presence::reset;
            entry->second.presence = Presence::given;
        }
        if (gone) {
            entry = entries.erase(entry);
        } else {
            strip(entry->second);
            ++entry;
        }
    }
}

template <class T>
void strip_member(Given<T>& member) {
    if (member.given()) {
        T value = *member;
        strip(value);
        member = Given<T>::read(std::move(value), member.origin(), member.presence());
    }
}

template <class T>
void strip_member(T& member) {
    strip(member);
}

template <class T>
void strip(T& value) {
    if constexpr (IsMap<T>::value) {
        strip_entries(value);
    } else if constexpr (k_has_fields<T>) {
        for_each_member<T>([&](const FieldRow&, auto member) { strip_member(value.*member); });
    }
}

}  // namespace

ServiceSpec merged(ServiceSpec below, const ServiceSpec& over) {
    return merged_struct(std::move(below), over);
}

EnvironmentSpec merged(EnvironmentSpec below, const EnvironmentSpec& over) {
    return merged_struct(std::move(below), over);
}

EnvironmentSpec with_defaults_below(EnvironmentSpec spec) {
    if (!spec.defaults->service.given()) {
        return spec;
    }
    for (auto& service : spec.services) {
        ServiceSpec whole = merged(*spec.defaults->service, service);
        whole.name = service.name;
        service = std::move(whole);
    }
    return spec;
}

EnvironmentSpec without_resets(EnvironmentSpec spec) {
    auto& services = spec.services;
    services.erase(std::remove_if(services.begin(), services.end(),
                                  [](const ServiceSpec& one) { return one.name.presence() == Presence::reset; }),
                   services.end());
    for (auto& service : services) {
        service.name = Given<std::string>::read(*service.name, service.name.origin());
        strip(service);
    }
    strip(spec);
    return spec;
}

}  // namespace berth
