// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/ports.hpp>

namespace berth {

PortSpec PortSpec::with_published(Given<PublishedPort> port) const {
    PortSpec copy = *this;
    copy.published = std::move(port);
    return copy;
}

PortSpec PortSpec::with_host_ip(Given<std::string> address) const {
    PortSpec copy = *this;
    copy.host_ip = std::move(address);
    return copy;
}

PortSpec PortSpec::with_protocol(Given<Protocol> which) const {
    PortSpec copy = *this;
    copy.protocol = std::move(which);
    return copy;
}

PortSpec PortSpec::with_name(Given<std::string> text) const {
    PortSpec copy = *this;
    copy.name = std::move(text);
    return copy;
}

PortSpec PortSpec::with_app_protocol(Given<std::string> scheme) const {
    PortSpec copy = *this;
    copy.app_protocol = std::move(scheme);
    return copy;
}

const char* to_string(Protocol protocol) noexcept {
    switch (protocol) {
        case Protocol::udp:
            return "udp";
        case Protocol::sctp:
            return "sctp";
        case Protocol::tcp:
            break;
    }
    return "tcp";
}

}  // namespace berth
