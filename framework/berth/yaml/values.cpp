// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/values.hpp>

#include <berth/core/names.hpp>
#include <berth/core/units.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace berth::yaml {
namespace {

constexpr auto k_nowhere = std::string_view::npos;

struct Limits {
    std::int64_t lowest{std::numeric_limits<std::int64_t>::min()};
    std::int64_t highest{std::numeric_limits<std::int64_t>::max()};
};

/// `int>=1`, `int 0..100`, `int`.
Limits limits_of(std::string_view type) {
    Limits limits;
    if (const auto least = type.find(">="); least != k_nowhere) {
        limits.lowest = parse_integer(type.substr(least + 2)).value_or(limits.lowest);
    } else if (const auto dots = type.find(".."); dots != k_nowhere) {
        const auto space = type.find(' ');
        limits.lowest = parse_integer(type.substr(space + 1, dots - space - 1)).value_or(limits.lowest);
        limits.highest = parse_integer(type.substr(dots + 2)).value_or(limits.highest);
    }
    return limits;
}

bool out_of_range(Binder& binder, const Scalar& scalar, const Limits& limits) {
    const bool open = limits.highest >= std::numeric_limits<int>::max();
    binder.report(
        "BE0308", scalar,
        open ? fmt::format("'{}' is {}; allowed is {} or more", binder.place().key(), scalar.text, limits.lowest)
             : fmt::format("'{}' is {}; allowed is {} to {}", binder.place().key(), scalar.text, limits.lowest,
                           limits.highest));
    return false;
}

bool not_that(Binder& binder, const Scalar& scalar, std::string_view wanted) {
    binder.report("BE0202", scalar,
                  fmt::format("'{}' must be {}, this is '{}'", binder.place().key(), wanted, scalar.text));
    return false;
}

bool read_integer(Binder& binder, const FieldRow& row, const Node& node, Limits limits, std::int64_t& out) {
    const auto scalar = binder.plain_text(node, "a whole number");
    if (!scalar) {
        return false;
    }
    const Limits own = limits_of(row.type);
    limits = {std::max(limits.lowest, own.lowest), std::min(limits.highest, own.highest)};
    const auto value = parse_integer(scalar->text);
    if (!value) {
        const bool digits = !scalar->text.empty() && scalar->text.find_first_not_of("0123456789") == std::string::npos;
        return digits ? out_of_range(binder, *scalar, limits) : not_that(binder, *scalar, "a whole number");
    }
    if (*value < limits.lowest || *value > limits.highest) {
        return out_of_range(binder, *scalar, limits);
    }
    out = *value;
    return true;
}

/// BE0304 for a text that its type does not allow.
bool check_name(Binder& binder, const Scalar& scalar, std::string_view type) {
    struct Rule {
        std::string_view type;
        bool (*holds)(std::string_view text);
        std::string_view kind;
        std::string_view rule;
    };
    static constexpr Rule k_rules[] = {
        {"name", [](std::string_view text) { return is_name(text); }, "name",
         "letters, digits, '.', '_' and '-', a letter or digit first, at most 63 characters"},
        {"project-name", [](std::string_view text) { return is_project_name(text); }, "project name",
         "lower-case letters, digits, '_' and '-', a letter or digit first, at most 40 characters"},
        {"host-name", [](std::string_view text) { return is_host_name(text); }, "host name",
         "letters, digits and '-' between dots"},
        {"platform",
         [](std::string_view text) {
             const auto slashes = std::count(text.begin(), text.end(), '/');
             return (slashes == 1 || slashes == 2) && text.front() != '/' && text.back() != '/' &&
                    text.find("//") == k_nowhere && text.find(' ') == k_nowhere;
         },
         "platform", "write os/arch or os/arch/variant"},
        {"owner",
         [](std::string_view text) {
             const auto colon = text.find(':');
             const auto number = [](std::string_view part) {
                 return !part.empty() && part.size() <= 10 && part.find_first_not_of("0123456789") == k_nowhere;
             };
             return number(text.substr(0, colon)) && (colon == k_nowhere || number(text.substr(colon + 1)));
         },
         "owner", "write a numeric uid or uid:gid"},
        {"mac-address",
         [](std::string_view text) {
             bool fine = text.size() == 17;
             for (std::size_t i = 0; fine && i < text.size(); ++i) {
                 fine = i % 3 == 2 ? text[i] == ':' : std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
             }
             return fine;
         },
         "hardware address", "write six pairs of hexadecimal digits with ':' between them"},
        {"cpuset",
         [](std::string_view text) {
             return !text.empty() && text.find_first_not_of("0123456789,-") == k_nowhere && text.front() != ',' &&
                    text.front() != '-' && text.back() != ',' && text.back() != '-' && text.find(",,") == k_nowhere;
         },
         "set of processors", "write for example 0-3 or 0,1"},
    };
    for (const auto& rule : k_rules) {
        if (rule.type == type && !rule.holds(scalar.text)) {
            binder.report("BE0304", scalar,
                          fmt::format("'{}' is not a valid {}: {}", scalar.text, rule.kind, rule.rule));
            return false;
        }
    }
    return true;
}

void bad_variable_name(Binder& binder, const Origin& where, std::string_view name) {
    binder.report("BE0304", where,
                  fmt::format("'{}' is not a valid variable name: letters, digits and '_', no digit first", name));
}

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> room{};
    return ::inet_pton(AF_INET, text.c_str(), room.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), room.data()) == 1;
}

bool is_block(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == k_nowhere) {
        return false;
    }
    const std::string address = text.substr(0, slash);
    const std::int64_t length = parse_integer(text.substr(slash + 1)).value_or(-1);
    const std::int64_t longest = address.find(':') == std::string::npos ? 32 : 128;
    return is_address(address) && length >= 0 && length <= longest;
}

bool check_address(Binder& binder, const Scalar& scalar, std::size_t offset, std::size_t length) {
    const std::string text = scalar.text.substr(offset, length);
    if (is_address(text)) {
        return true;
    }
    binder.report("BE0313", scalar, offset, length, fmt::format("'{}' is not an IP address or CIDR block", text));
    return false;
}

Text text_of(Binder& binder, const Scalar& scalar, std::size_t offset, std::size_t length) {
    return Text(scalar.text.substr(offset, length), binder.origin_of(scalar, offset, length));
}

bool read_argv(Binder& binder, const Node& node, Words& out, std::string_view wanted) {
    bool fine = true;
    return binder.each_item(node, wanted, false, false, [&](const Node& item) {
        auto scalar = binder.template_text(item);
        fine = fine && scalar.has_value();
        if (scalar) {
            out.emplace_back(std::move(scalar->text), item.where);
        }
    }) && fine;
}

}  // namespace

bool read_value(Binder& binder, const FieldRow& row, const Node& node, bool& out) {
    if (row.type == "bool | list:string" && node.kind == Kind::list) {
        return false;  // the commands are read with the whole
    }
    const auto scalar = binder.plain_text(node, "true or false");
    if (!scalar) {
        return false;
    }
    if (scalar->text == "true" || scalar->text == "false") {
        out = scalar->text == "true";
        return true;
    }
    std::string lower = scalar->text;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto is_one_of = [&lower](std::initializer_list<std::string_view> words) {
        return std::find(words.begin(), words.end(), lower) != words.end();
    };
    const bool yes = is_one_of({"yes", "on", "y", "true", "1"});
    if (yes || is_one_of({"no", "off", "n", "false", "0"})) {
        auto& found = binder.report("BE0312", *scalar, fmt::format("write 'true' or 'false', not '{}'", scalar->text),
                                    fmt::format("did you mean '{}'?", yes ? "true" : "false"));
        found.fix = Fix{scalar->node->where, yes ? "true" : "false"};
        return false;
    }
    return not_that(binder, *scalar, "true or false");
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, int& out) {
    std::int64_t value = 0;
    if (row.type == "int>=1 | all" && node.kind == Kind::scalar && node.text == "all") {
        out = -1;
        return true;
    }
    if (!read_integer(binder, row, node, {std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}, value)) {
        return false;
    }
    if (row.key == "schema" && value > 1) {
        binder.report("BE0210", node.where, fmt::format("this file is schema {}; this tool reads up to 1", value));
        return false;
    }
    out = static_cast<int>(value);
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::int64_t& out) {
    if (row.type == "size | -1") {
        const auto scalar = binder.plain_text(node, "a size such as '512mb', or -1");
        if (scalar && scalar->text == "-1") {
            out = -1;
            return true;
        }
        Bytes size{};
        if (!scalar || !read_value(binder, row, node, size)) {
            return false;
        }
        out = static_cast<std::int64_t>(count(size));
        return true;
    }
    return read_integer(binder, row, node, {}, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, double& out) {
    const auto scalar = binder.plain_text(node, "a number");
    if (!scalar) {
        return false;
    }
    const auto value = parse_number(scalar->text);
    if (!value) {
        return not_that(binder, *scalar, "a number");
    }
    if (row.type == "number>=0" && *value < 0) {
        return out_of_range(binder, *scalar, {0, std::numeric_limits<std::int64_t>::max()});
    }
    if (row.type == "number 0..100" && (*value < 0 || *value > 100)) {
        return out_of_range(binder, *scalar, {0, 100});
    }
    out = *value;
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, Duration& out) {
    static_cast<void>(row);
    const auto scalar = binder.plain_text(node, "a duration such as '30s'");
    if (!scalar) {
        return false;
    }
    const auto value = parse_duration(scalar->text);
    if (!value) {
        const bool bare = parse_number(scalar->text).has_value() && scalar->text.front() != '-';
        const bool long_one = !bare && !scalar->text.empty() &&
                              scalar->text.find_first_not_of("0123456789.hmus") == k_nowhere &&
                              scalar->text.back() == 'h';
        binder.report("BE0301", *scalar,
                      fmt::format("'{}' is not a duration; write for example '10s', '500ms', '1m30s'", scalar->text),
                      bare       ? fmt::format("did you mean '{}s'?", scalar->text)
                      : long_one ? "the longest is 24h"
                                 : "");
        return false;
    }
    out = *value;
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, Bytes& out) {
    static_cast<void>(row);
    const auto scalar = binder.plain_text(node, "a size such as '512mb'");
    if (!scalar) {
        return false;
    }
    const auto value = parse_size(scalar->text);
    if (!value) {
        binder.report("BE0303", *scalar,
                      fmt::format("'{}' is not a size; write for example '512mb' or '2g'", scalar->text));
        return false;
    }
    out = *value;
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, unsigned& out) {
    static_cast<void>(row);
    const auto scalar = binder.plain_text(node, "a file mode such as '0644'");
    if (!scalar) {
        return false;
    }
    const auto value = parse_mode(scalar->text);
    if (!value) {
        binder.report("BE0314", *scalar,
                      fmt::format("'{}' is not a file mode; write for example '0644'", scalar->text));
        return false;
    }
    out = *value;
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::string& out) {
    auto scalar = binder.plain_text(node);
    if (!scalar || !check_name(binder, *scalar, row.type)) {
        return false;
    }
    if (row.type == "ip" && !check_address(binder, *scalar, 0, scalar->text.size())) {
        return false;
    }
    if (row.type == "cidr" && !is_block(scalar->text)) {
        binder.report("BE0313", *scalar, fmt::format("'{}' is not an IP address or CIDR block", scalar->text));
        return false;
    }
    out = std::move(scalar->text);
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, Text& out) {
    if (row.type == "template | map" && node.kind == Kind::map) {
        return false;  // read_value() of a service reads it
    }
    auto scalar = binder.template_text(node);
    if (scalar) {
        out = Text(std::move(scalar->text), node.where);
    }
    return scalar.has_value();
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, Words& out) {
    if (node.kind == Kind::list) {
        return read_argv(binder, node, out, "a text or a list");
    }
    const auto scalar = binder.template_text(node, "a text or a list");
    if (!scalar) {
        return false;
    }
    if (row.type == "health-test") {
        out = {Text("CMD-SHELL", node.where), Text(scalar->text, node.where)};
        return true;
    }
    return split_words(binder, *scalar, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, ShellOrArgv& out) {
    static_cast<void>(row);
    if (node.kind == Kind::list) {
        out.shell = false;
        return read_argv(binder, node, out.words, "a text or a list");
    }
    auto scalar = binder.template_text(node, "a text or a list");
    if (scalar) {
        out = ShellOrArgv(Text(std::move(scalar->text), node.where));
    }
    return scalar.has_value();
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, KeyValues& out) {
    const bool pass = row.type == "kv-pass";
    const bool hosts = row.type == "kv-hosts";
    const std::string_view wanted = hosts ? "a mapping or a list of NAME:ADDRESS" : "a mapping or a list of NAME=VALUE";
    const auto host_address = [&](const Scalar& scalar, std::size_t offset) {
        const std::string_view address = std::string_view(scalar.text).substr(offset);
        return !hosts || address == "host-gateway" || address.find('$') != k_nowhere ||
               check_address(binder, scalar, offset, address.size());
    };
    if (node.kind != Kind::list) {
        const auto entry = [&](const Node& key, const Node& value) {
            if (row.type == "kv-variables" && !is_variable_name(key.text)) {
                bad_variable_name(binder, key.where, key.text);
                return;
            }
            if (value.tag == Tag::reset) {
                Value gone(std::nullopt, value.where);
                gone.reset = true;
                out.insert_or_assign(key.text, std::move(gone));
                return;
            }
            if (pass && value.kind == Kind::null) {
                out.insert_or_assign(key.text, Value(std::nullopt, value.where));
                return;
            }
            auto scalar = binder.template_text(value);
            if (scalar && host_address(*scalar, 0)) {
                out.insert_or_assign(key.text, Value(std::move(scalar->text), value.where));
            }
        };
        return binder.each_entry(node, wanted, entry, true);
    }
    return binder.each_item(node, wanted, false, false, [&](const Node& item) {
        const auto scalar = binder.template_text(item);
        if (!scalar) {
            return;
        }
        auto split = scalar->text.find('=');
        if (hosts && split == k_nowhere) {
            split = scalar->text.find(':');
        }
        const std::string name = scalar->text.substr(0, split);
        if (row.type == "kv-variables" && !is_variable_name(name)) {
            bad_variable_name(binder, binder.origin_of(*scalar, 0, name.size()), name);
            return;
        }
        if (out.count(name) != 0) {
            binder.report("BE0208", *scalar, 0, name.size(), fmt::format("'{}' is listed twice", name))
                .labels.push_back({out.at(name).origin, "first here"});
        } else if (split != k_nowhere && host_address(*scalar, split + 1)) {
            const std::size_t length = scalar->text.size() - split - 1;
            out.emplace(name, Value(scalar->text.substr(split + 1), binder.origin_of(*scalar, split + 1, length)));
        } else if (split == k_nowhere && pass) {
            out.emplace(name, Value(std::nullopt, item.where));
        } else if (split == k_nowhere) {
            binder.report("BE0205", *scalar, fmt::format("'{}' is empty; remove it or give a value", name));
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<std::string>& out) {
    const std::string_view type = row.type.substr(row.type.find(':') + 1);
    return binder.each_item(node, "a list", true, false, [&](const Node& item) {
        auto scalar = binder.plain_text(item);
        const bool address = type == "ip";
        if (scalar && check_name(binder, *scalar, type) &&
            (!address || check_address(binder, *scalar, 0, scalar->text.size()))) {
            out.push_back(std::move(scalar->text));
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, CodeRanges& out) {
    const bool http = row.type == "http-status";
    const Limits limits = http ? Limits{100, 599} : Limits{0, 255};
    bool fine = true;
    const auto one = [&](const Node& item) {
        const auto scalar = binder.plain_text(item, http ? "an HTTP status" : "an exit status");
        if (!scalar) {
            fine = false;
            return;
        }
        const std::string_view text = scalar->text;
        const auto dash = text.find('-', 1);
        const auto first = parse_integer(text.substr(0, dash));
        const auto last = dash == k_nowhere ? first : parse_integer(text.substr(dash + 1));
        const bool inside = first && last && *first >= limits.lowest && *last <= limits.highest && *first <= *last;
        if (inside) {
            out.ranges.push_back({static_cast<int>(*first), static_cast<int>(*last)});
            return;
        }
        fine = false;
        if (http) {
            binder.report("BE0315", *scalar, fmt::format("'{}' is not an HTTP status, range or list", text));
        } else if (first && dash == k_nowhere) {
            out_of_range(binder, *scalar, limits);
        } else {
            not_that(binder, *scalar, "an exit status or a list of them");
        }
    };
    return binder.each_item(node, http ? "an HTTP status or a list of them" : "an exit status or a list of them", true,
                            false, one) &&
           fine;
}

bool split_words(Binder& binder, const Scalar& scalar, Words& out) {
    const std::string_view text = scalar.text;
    std::size_t at = 0;
    const auto blank = [&](std::size_t i) { return text[i] == ' ' || text[i] == '\t' || text[i] == '\n'; };
    while (true) {
        while (at < text.size() && blank(at)) {
            ++at;
        }
        if (at >= text.size()) {
            return true;
        }
        const std::size_t from = at;
        std::string word;
        char quote = '\0';
        std::size_t quoted_at = 0;
        int braces = 0;
        for (; at < text.size() && (quote != '\0' || braces > 0 || !blank(at)); ++at) {
            const char c = text[at];
            if (text.substr(at, 2) == "${") {
                ++braces;
                word += "${";
                ++at;
            } else if (braces > 0) {
                braces -= c == '}' ? 1 : 0;
                word += c;
            } else if (quote == '\0' && (c == '\'' || c == '"')) {
                quote = c;
                quoted_at = at;
            } else if (quote != '\0' && c == quote) {
                quote = '\0';
            } else if (c == '\\' && quote != '\'' && at + 1 < text.size() &&
                       (quote == '\0' || text[at + 1] == '"' || text[at + 1] == '\\')) {
                word += text[++at];
            } else {
                word += c;
            }
        }
        if (quote != '\0') {
            binder.report(
                "BE0202", scalar, quoted_at, 1,
                fmt::format("'{}' must be words as a shell splits them, this has a quote that is never closed",
                            binder.place().key()));
            return false;
        }
        Text piece = text_of(binder, scalar, from, at - from);
        piece.text = std::move(word);
        out.push_back(std::move(piece));
    }
}

}  // namespace berth::yaml
