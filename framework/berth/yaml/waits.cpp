// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/values.hpp>

#include <berth/core/text_distance.hpp>
#include <berth/spec/fields/wait.hpp>

#include <fmt/format.h>

namespace berth::yaml {
namespace {

constexpr auto k_nowhere = std::string_view::npos;

/// `true` for a strategy that needs no more said. @returns false, reported, for `false` and the like
bool is_true(Binder& binder, const Node& node) {
    bool yes = false;
    if (!read_value(binder, FieldRow{}, node, yes)) {
        return false;
    }
    if (!yes) {
        binder.report(
            "BE0202", node.where,
            fmt::format("'{}' must be true, this is 'false'; leave the key out instead", binder.place().key()));
    }
    return yes;
}

template <class T>
void set(Given<T>& out, T value, const Node& node) {
    out = Given<T>::read(std::move(value), node.where);
}

bool read_simple_wait(Binder& binder, const Node& node, WaitSpec& out) {
    const auto scalar = binder.plain_text(node);
    if (!scalar) {
        return false;
    }
    const std::string& text = scalar->text;
    if (text == "auto") {
        set(out.simple, WaitSpec::Simple::automatic, node);
    } else if (text == "none") {
        set(out.simple, WaitSpec::Simple::none, node);
    } else if (text == "running") {
        set(out.simple, WaitSpec::Simple::running, node);
    } else if (text == "healthy") {
        set(out.healthcheck, WaitHealth{}, node);
    } else if (text == "port") {
        set(out.port, WaitPort{}, node);
    } else if (text == "exit") {
        set(out.exit, WaitExit{}, node);
    } else {
        binder.report("BE0306", *scalar,
                      fmt::format("'{}' is not one of 'auto', 'none', 'running', 'healthy', 'port', 'exit'", text),
                      text == "healthcheck" || text == "health" || text == "service_healthy"
                          ? "did you mean 'healthy'?"
                          : did_you_mean(near_matches(text, {"auto", "none", "running", "healthy", "port", "exit"})));
        return false;
    }
    return true;
}

}  // namespace

bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitSpec& out) {
    switch (node.kind) {
        case Kind::scalar:
            return read_simple_wait(binder, node, out);
        case Kind::list: {
            std::vector<WaitSpec> items;
            if (!read_value(binder, row, node, items)) {
                return false;
            }
            set(out.all, std::move(items), node);
            return true;
        }
        case Kind::map:
            return read_struct(binder, node, out);
        case Kind::null:
            break;
    }
    return binder.wrong_type(node, "a strategy, a mapping or a list");
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<WaitSpec>& out) {
    return binder.each_item(node, "a list of waits", false, true, [&](const Node& item) {
        WaitSpec one;
        if (read_value(binder, row, item, one)) {
            out.push_back(std::move(one));
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitPort& out) {
    static_cast<void>(row);
    if (node.kind == Kind::map) {
        return read_struct(binder, node, out);
    }
    if (node.kind == Kind::scalar && (node.text == "true" || node.text == "false")) {
        return is_true(binder, node);
    }
    read_member(binder, row_of<WaitPort>("port"), node, out.port);
    return out.port.given();
}

/// `/path`, `PORT/path`, `http(s)://:PORT/path`.
bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitHttp& out) {
    static_cast<void>(row);
    constexpr std::string_view k_wanted = "a path, PORT/path, http(s)://:PORT/path or a mapping";
    if (node.kind == Kind::map) {
        return read_struct(binder, node, out);
    }
    const auto scalar = binder.plain_text(node, k_wanted);
    if (!scalar) {
        return false;
    }
    const std::string_view text = scalar->text;
    const auto wrong = [&](std::size_t offset, std::size_t length) {
        binder.report("BE0202", *scalar, offset, length,
                      fmt::format("'{}' must be {}, this is '{}'", binder.place().key(), k_wanted, text));
        return false;
    };
    std::size_t at = 0;
    if (const auto scheme = text.find("://"); scheme != k_nowhere) {
        const bool tls = text.substr(0, scheme) == "https";
        if (!tls && text.substr(0, scheme) != "http") {
            return wrong(0, scheme);
        }
        out.scheme = Given<WaitHttp::Scheme>::read(tls ? WaitHttp::Scheme::https : WaitHttp::Scheme::http,
                                                   binder.origin_of(*scalar, 0, scheme));
        at = scheme + 3;
        if (at < text.size() && text[at] == ':') {
            ++at;
        } else if (at >= text.size() || text[at] != '/') {
            const std::size_t end = std::min(text.find_first_of(":/", at), text.size());
            binder.report("BE0202", *scalar, at, end - at,
                          fmt::format("no host stands in '{}': the service itself is asked; write 'http://:PORT/path'",
                                      binder.place().key()));
            return false;
        }
    }
    const std::size_t slash = text.find('/', at);
    if (slash == k_nowhere) {
        return wrong(0, text.size());
    }
    if (slash > at) {
        const std::string port(text.substr(at, slash - at));
        const Origin where = binder.origin_of(*scalar, at, slash - at);
        if (port.find_first_not_of("0123456789") == std::string::npos) {
            PortRange range;
            if (!read_port_range(binder, *scalar, at, slash - at, range)) {
                return false;
            }
            out.port = Given<PortName>::read(PortName(range.first), where);
        } else {
            out.port = Given<PortName>::read(PortName(port), where);
        }
    }
    out.path = Given<std::string>::read(std::string(text.substr(slash)),
                                        binder.origin_of(*scalar, slash, text.size() - slash));
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitLog& out) {
    static_cast<void>(row);
    if (node.kind != Kind::scalar) {
        return read_struct(binder, node, out, "a regular expression or a mapping");
    }
    read_member(binder, row_of<WaitLog>("matches"), node, out.matches);
    return out.matches.given();
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitExec& out) {
    static_cast<void>(row);
    if (node.kind == Kind::map) {
        return read_struct(binder, node, out);
    }
    if (node.kind == Kind::null) {
        return binder.wrong_type(node, "a command or a mapping");
    }
    read_member(binder, row_of<WaitExec>("command"), node, out.command);
    return out.command.given();
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitHealth& out) {
    static_cast<void>(row);
    return node.kind == Kind::scalar ? is_true(binder, node) : read_struct(binder, node, out, "true or a mapping");
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitExit& out) {
    static_cast<void>(row);
    if (node.kind == Kind::map) {
        return read_struct(binder, node, out);
    }
    if (node.kind == Kind::scalar && (node.text == "true" || node.text == "false")) {
        return is_true(binder, node);
    }
    read_member(binder, row_of<WaitExit>("code"), node, out.code);
    return out.code.given();
}

}  // namespace berth::yaml
