// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/service.hpp>

#include <map>
#include <string>
#include <utility>

namespace berth::internal {

template <class T>
ServiceSpec changed(const ServiceSpec& service, Given<T> ServiceSpec::*member, Given<T> value) {
    ServiceSpec copy = service;
    copy.*member = std::move(value);
    return copy;
}

template <class T>
ServiceSpec put(const ServiceSpec& service, Given<std::map<std::string, T>> ServiceSpec::*map, std::string key, T item,
                Caller caller) {
    ServiceSpec copy = service;
    (copy.*map).edit(caller).insert_or_assign(std::move(key), std::move(item));
    return copy;
}

}  // namespace berth::internal
