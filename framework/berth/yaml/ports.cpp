// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/values.hpp>

#include <berth/core/names.hpp>
#include <berth/core/units.hpp>
#include <berth/spec/fields/ports.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace berth::yaml {
namespace {

constexpr auto k_nowhere = std::string_view::npos;
constexpr std::int64_t k_largest_port = 65535;

bool not_a_port(Binder& binder, const Scalar& scalar, std::size_t offset, std::size_t length, std::string_view why) {
    binder.report("BE0307", scalar, offset, length,
                  fmt::format("'{}' is not a port: {}", std::string_view(scalar.text).substr(offset, length), why));
    return false;
}

bool read_port(Binder& binder, const Scalar& scalar, std::size_t offset, std::size_t length, int& out) {
    const std::string_view text = std::string_view(scalar.text).substr(offset, length);
    if (text.empty()) {
        return not_a_port(binder, scalar, offset, length, "it is empty");
    }
    if (text.find_first_not_of("0123456789") != k_nowhere) {
        return not_a_port(binder, scalar, offset, length, "a port is a number");
    }
    const auto value = parse_integer(text);
    if (!value || *value > k_largest_port) {
        return not_a_port(binder, scalar, offset, length, "the largest port is 65535");
    }
    if (*value == 0) {
        return not_a_port(binder, scalar, offset, length, "the smallest port is 1");
    }
    out = static_cast<int>(*value);
    return true;
}

/// A part of a text, by its place in it.
struct Part {
    std::size_t offset{0};
    std::size_t length{0};
};

std::string_view of(const Scalar& scalar, const Part& part) {
    return std::string_view(scalar.text).substr(part.offset, part.length);
}

template <class T>
Given<T> given_at(Binder& binder, const Scalar& scalar, const Part& part, T value) {
    return Given<T>::read(std::move(value), binder.origin_of(scalar, part.offset, part.length));
}

bool read_protocol(Binder& binder, const Scalar& scalar, const Part& part, Protocol& out) {
    for (const auto& [name, protocol] : EnumNames<Protocol>::k_names) {
        if (name == of(scalar, part)) {
            out = protocol;
            return true;
        }
    }
    binder.report("BE0306", scalar, part.offset, part.length,
                  fmt::format("'{}' is not one of 'tcp', 'udp', 'sctp'", of(scalar, part)));
    return false;
}

/// `[[IP:]HOST:]CONTAINER[/PROTO]`, taken apart from its end: an address may hold colons itself.
bool read_short_port(Binder& binder, const Scalar& scalar, PortSpec& out) {
    const std::string_view text = scalar.text;
    std::size_t end = text.size();
    bool fine = true;
    if (const auto slash = text.rfind('/'); slash != k_nowhere) {
        const Part part{slash + 1, text.size() - slash - 1};
        Protocol protocol{};
        fine = read_protocol(binder, scalar, part, protocol);
        out.protocol = given_at(binder, scalar, part, protocol);
        end = slash;
    }
    const auto last = text.substr(0, end).rfind(':');
    const std::size_t target = last == k_nowhere ? 0 : last + 1;
    PortRange range;
    fine = read_port_range(binder, scalar, target, end - target, range) && fine;
    out.target = given_at(binder, scalar, {target, end - target}, range);
    if (last == k_nowhere) {
        return fine;
    }
    const bool bracket = last > 0 && text[last - 1] == ']';
    const auto before = bracket || last == 0 ? k_nowhere : text.rfind(':', last - 1);
    const std::size_t host = before == k_nowhere ? 0 : before + 1;
    const Part published{host, last - host};
    if (of(scalar, published) == "auto") {
        PublishedPort port;
        port.how = PublishedPort::How::automatic;
        out.published = given_at(binder, scalar, published, port);
    } else if (published.length > 0 || before == k_nowhere) {
        PublishedPort port;
        port.how = PublishedPort::How::fixed;
        fine = read_port_range(binder, scalar, host, published.length, port.range) && fine;
        out.published = given_at(binder, scalar, published, port);
    }
    if (before == k_nowhere) {
        return fine;
    }
    Part address{0, before};
    if (address.length >= 2 && text.front() == '[' && text[before - 1] == ']') {
        address = {1, before - 2};
    }
    const std::string ip(of(scalar, address));
    std::array<unsigned char, sizeof(in6_addr)> room{};
    if (::inet_pton(AF_INET, ip.c_str(), room.data()) != 1 && ::inet_pton(AF_INET6, ip.c_str(), room.data()) != 1) {
        binder.report("BE0313", scalar, address.offset, address.length,
                      fmt::format("'{}' is not an IP address or CIDR block", ip));
        return false;
    }
    out.host_ip = given_at(binder, scalar, address, ip);
    return fine;
}

/// `8080:22` without quotes is the number 484822 for readers of YAML 1.1.
void warn_of_base_60(Binder& binder, const Node& node) {
    const std::string& text = node.text;
    const auto colon = text.find(':');
    if (node.style != Style::plain || colon == k_nowhere || text.find_first_not_of("0123456789:") != k_nowhere) {
        return;
    }
    for (std::size_t at = colon; at != k_nowhere; at = text.find(':', at + 1)) {
        const auto part = text.substr(at + 1, text.find(':', at + 1) - at - 1);
        const auto value = parse_integer(part);
        if (part.size() > 2 || !value || *value > 59) {
            return;
        }
    }
    binder
        .report("BW0102", node.where,
                fmt::format("'{}' is safe here, but other YAML tools read it as a base-60 number; quote it", text))
        .fix = Fix{node.where, '"' + text + '"'};
}

void add_port(Binder& binder, const Node& node, const Node* name, std::vector<PortSpec>& out) {
    PortSpec port;
    port.origin = name != nullptr ? name->where : node.where;
    bool fine = false;
    if (node.kind == Kind::map) {
        fine = read_struct(binder, node, port);
        port.origin = node.where;
    } else if (const auto scalar = binder.plain_text(node, "a port or a mapping")) {
        warn_of_base_60(binder, node);
        fine = read_short_port(binder, *scalar, port);
    }
    if (name != nullptr) {
        port.name = Given<std::string>::read(name->text, name->where);
        if (!is_name(name->text)) {
            binder.report("BE0304", name->where,
                          fmt::format("'{}' is not a valid name: letters, digits, '.', '_' and '-', a letter or digit "
                                      "first, at most 63 characters",
                                      name->text));
            fine = false;
        }
    }
    if (fine && port.target.given()) {
        out.push_back(std::move(port));
    }
}

}  // namespace

bool read_port_range(Binder& binder, const Scalar& scalar, std::size_t offset, std::size_t length, PortRange& out) {
    const std::string_view text = std::string_view(scalar.text).substr(offset, length);
    const auto dash = text.find('-');
    int first = 0;
    if (dash == k_nowhere) {
        if (!read_port(binder, scalar, offset, length, first)) {
            return false;
        }
        out = PortRange(first);
        return true;
    }
    int last = 0;
    if (!read_port(binder, scalar, offset, dash, first) ||
        !read_port(binder, scalar, offset + dash + 1, length - dash - 1, last)) {
        return false;
    }
    if (first > last) {
        return not_a_port(binder, scalar, offset, length, "a range runs upwards");
    }
    out = PortRange(first, last);
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, PortRange& out) {
    static_cast<void>(row);
    const auto scalar = binder.plain_text(node, "a port");
    return scalar && read_port_range(binder, *scalar, 0, scalar->text.size(), out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, PublishedPort& out) {
    static_cast<void>(row);
    const auto scalar = binder.plain_text(node, "a port or 'auto'");
    if (!scalar) {
        return false;
    }
    if (scalar->text == "auto") {
        out.how = PublishedPort::How::automatic;
        return true;
    }
    out.how = PublishedPort::How::fixed;
    return read_port_range(binder, *scalar, 0, scalar->text.size(), out.range);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, PortName& out) {
    static_cast<void>(row);
    const auto scalar = binder.plain_text(node, "a port or its name");
    if (!scalar) {
        return false;
    }
    if (is_name(scalar->text) && scalar->text.find_first_not_of("0123456789") != k_nowhere) {
        out = PortName(scalar->text);
        return true;
    }
    int number = 0;
    if (!read_port(binder, *scalar, 0, scalar->text.size(), number)) {
        return false;
    }
    out = PortName(number);
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<PortName>& out) {
    return binder.each_item(node, "a port or a list of ports", true, false, [&](const Node& item) {
        PortName port;
        if (read_value(binder, row, item, port)) {
            out.push_back(std::move(port));
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<PortRange>& out) {
    static_cast<void>(row);
    return binder.each_item(node, "a list of ports", true, false, [&](const Node& item) {
        const auto scalar = binder.plain_text(item, "a port");
        if (!scalar) {
            return;
        }
        const auto slash = scalar->text.find('/');
        Protocol protocol{};
        PortRange range;
        if ((slash == std::string::npos ||
             read_protocol(binder, *scalar, {slash + 1, scalar->text.size() - slash - 1}, protocol)) &&
            read_port_range(binder, *scalar, 0, std::min(slash, scalar->text.size()), range)) {
            out.push_back(range);
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<PortSpec>& out) {
    static_cast<void>(row);
    if (node.kind == Kind::map) {
        return binder.each_entry(node, "a list",
                                 [&](const Node& name, const Node& value) { add_port(binder, value, &name, out); });
    }
    return binder.each_item(node, "a list or a mapping", true, false,
                            [&](const Node& item) { add_port(binder, item, nullptr, out); });
}

}  // namespace berth::yaml
