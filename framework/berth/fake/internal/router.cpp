// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace berth::fake {
namespace {

struct Route {
    std::string_view method;
    std::string_view path;  ///< `{}` stands for one part, `{*}` for any.
    void (*call)(Exchange&);
};

constexpr std::array k_routes{
    Route{"GET", "/_ping", ping},
    Route{"HEAD", "/_ping", ping},
    Route{"GET", "/version", version},
    Route{"GET", "/info", info},
    Route{"GET", "/events", follow_events},
    Route{"GET", "/images/json", list_images},
    Route{"POST", "/images/create", pull_image},
    Route{"GET", "/images/{*}/json", inspect_image},
    Route{"POST", "/images/{*}/tag", tag_image},
    Route{"DELETE", "/images/{*}", remove_image},
    Route{"POST", "/containers/create", create_container},
    Route{"GET", "/containers/json", list_containers},
    Route{"GET", "/containers/{}/json", inspect_container},
    Route{"POST", "/containers/{}/start", start_container},
    Route{"POST", "/containers/{}/stop", stop_container},
    Route{"POST", "/containers/{}/restart", restart_container},
    Route{"POST", "/containers/{}/kill", kill_container},
    Route{"POST", "/containers/{}/pause", pause_container},
    Route{"POST", "/containers/{}/unpause", unpause_container},
    Route{"POST", "/containers/{}/rename", rename_container},
    Route{"POST", "/containers/{}/wait", wait_container},
    Route{"GET", "/containers/{}/logs", read_logs},
    Route{"DELETE", "/containers/{}", remove_container},
    Route{"POST", "/containers/{}/exec", create_exec},
    Route{"POST", "/exec/{}/start", start_exec},
    Route{"GET", "/exec/{}/json", inspect_exec},
    Route{"HEAD", "/containers/{}/archive", stat_path},
    Route{"GET", "/containers/{}/archive", get_archive},
    Route{"PUT", "/containers/{}/archive", put_archive},
    Route{"POST", "/networks/create", create_network},
    Route{"GET", "/networks", list_networks},
    Route{"GET", "/networks/{}", inspect_network},
    Route{"POST", "/networks/{}/connect", connect_network},
    Route{"POST", "/networks/{}/disconnect", disconnect_network},
    Route{"DELETE", "/networks/{}", remove_network},
    Route{"POST", "/volumes/create", create_volume},
    Route{"GET", "/volumes", list_volumes},
    Route{"GET", "/volumes/{}", inspect_volume},
    Route{"DELETE", "/volumes/{}", remove_volume},
};

/// What Docker has and this engine has not, by the beginning of the path …
constexpr std::array<std::string_view, 14> k_families_not_here{
    "/auth",    "/build",   "/commit",   "/configs", "/distribution/", "/grpc",    "/nodes",
    "/plugins", "/secrets", "/services", "/session", "/swarm",         "/system/", "/tasks"};
/// … and single calls of what it has.
constexpr std::array<std::pair<std::string_view, std::string_view>, 19> k_calls_not_here{{
    {"POST", "/containers/prune"},
    {"POST", "/containers/{}/attach"},
    {"GET", "/containers/{}/attach/ws"},
    {"GET", "/containers/{}/changes"},
    {"GET", "/containers/{}/export"},
    {"POST", "/containers/{}/resize"},
    {"GET", "/containers/{}/stats"},
    {"GET", "/containers/{}/top"},
    {"POST", "/containers/{}/update"},
    {"POST", "/exec/{}/resize"},
    {"GET", "/images/get"},
    {"POST", "/images/load"},
    {"POST", "/images/prune"},
    {"GET", "/images/search"},
    {"GET", "/images/{*}/get"},
    {"GET", "/images/{*}/history"},
    {"POST", "/images/{*}/push"},
    {"POST", "/networks/prune"},
    {"POST", "/volumes/prune"},
}};

bool matches(std::string_view pattern, const std::string& path, std::vector<std::string>& names) {
    const auto open = pattern.find('{');
    if (open == std::string_view::npos) {
        return pattern == path;
    }
    const auto close = pattern.find('}', open);
    const std::string_view before = pattern.substr(0, open);
    const std::string_view after = pattern.substr(close + 1);
    if (path.size() <= before.size() + after.size() || path.compare(0, before.size(), before) != 0 ||
        path.compare(path.size() - after.size(), after.size(), after) != 0) {
        return false;
    }
    const std::string name = path.substr(before.size(), path.size() - before.size() - after.size());
    const bool any = close - open > 1;
    if (!any && name.find('/') != std::string::npos) {
        return false;
    }
    names = {decode(name, false)};
    return true;
}

bool is_not_here(const Asked& asked) {
    std::vector<std::string> ignored;
    return std::any_of(k_families_not_here.begin(), k_families_not_here.end(),
                       [&](std::string_view start) { return asked.path.rfind(start, 0) == 0; }) ||
           std::any_of(k_calls_not_here.begin(), k_calls_not_here.end(), [&](const auto& each) {
               return each.first == asked.request.method && matches(each.second, asked.path, ignored);
           });
}

/// `1.41` as a number that compares.
std::optional<std::int64_t> version_number(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    const auto major = parse_integer(text.substr(0, dot));
    const auto minor = parse_integer(text.substr(dot + 1));
    constexpr std::int64_t k_most_minors = 10'000;
    return major && minor ? std::optional(*major * k_most_minors + *minor) : std::nullopt;
}

void check_version(const Asked& asked, Answer& answer, const EngineOptions& options) {
    const auto wanted = version_number(asked.version);
    if (asked.version.empty() || !wanted) {
        return;
    }
    if (*wanted > version_number(options.api_version).value_or(0)) {
        throw Refusal{400, fmt::format("client version {} is too new. Maximum supported API version is {}",
                                       asked.version, options.api_version)};
    }
    if (*wanted < version_number(options.oldest_api_version).value_or(0)) {
        const std::string text = fmt::format(
            "client version {} is too old. Minimum supported API version is {}, please upgrade your client "
            "to a newer version",
            asked.version, options.oldest_api_version);
        constexpr std::int64_t k_first_with_json = 10'024;
        if (*wanted < k_first_with_json) {
            answer.send(400, "text/plain; charset=utf-8", text + '\n');
            throw Refusal{0, {}};
        }
        throw Refusal{400, text};
    }
}

}  // namespace

std::string_view Exchange::stream_type(bool tty) const {
    constexpr std::int64_t k_first_with_frames_told = 10'042;
    const bool told = asked.version.empty() || version_number(asked.version).value_or(0) >= k_first_with_frames_told;
    return told && !tty ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
}

BoxPointer Exchange::container() const {
    auto box = world.find_container(names.front());
    if (!box) {
        throw Refusal{404, "No such container: " + names.front()};
    }
    return box;
}

Json Exchange::body() const {
    const std::string type = asked.header("Content-Type");
    if (type.rfind("application/json", 0) != 0 && !(type.empty() && asked.request.body.empty())) {
        throw Refusal{400, fmt::format("unsupported Content-Type header ({}): must be 'application/json'", type)};
    }
    if (asked.request.body.empty()) {
        throw Refusal{400, "invalid JSON: got EOF while reading request body"};
    }
    Json json = Json::parse(asked.request.body, nullptr, false);
    if (json.is_discarded()) {
        throw Refusal{400, "invalid JSON: unexpected EOF"};
    }
    if (!json.is_object()) {
        throw Refusal{400, "invalid JSON: json: cannot unmarshal value of another type into an object"};
    }
    return json;
}

std::map<std::string, std::vector<std::string>> Exchange::filters(const std::vector<std::string>& known) const {
    std::map<std::string, std::vector<std::string>> result;
    const std::string text = asked.parameter("filters");
    if (text.empty()) {
        return result;
    }
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object()) {
        throw Refusal{400, "invalid filter"};
    }
    for (const auto& [key, values] : json.items()) {
        if (!known.empty() && std::find(known.begin(), known.end(), key) == known.end()) {
            throw Refusal{400, fmt::format("invalid filter '{}'", key)};
        }
        for (const auto& [name, value] : values.items()) {
            result[key].push_back(values.is_array() ? value.get<std::string>() : name);
        }
    }
    return result;
}

bool has_labels(const Json& labels, const std::vector<std::string>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& each) {
        const auto equals = each.find('=');
        const auto found = labels.is_object() ? labels.find(each.substr(0, equals)) : labels.end();
        return found != labels.end() && (equals == std::string::npos || *found == each.substr(equals + 1));
    });
}

StreamWait::StreamWait(Exchange& exchange)
    : exchange_(exchange), watch_(exchange.answer.socket(), [this] {
          const std::lock_guard lock(exchange_.world.mutex);
          gone_ = true;
          exchange_.world.changed.notify_all();
      }) {}

void route(World& world, const Asked& asked, Answer& answer) {
    Exchange exchange{world, asked, answer};
    const auto is_meant = [&](const Route& each) {
        return (each.method == asked.request.method) && matches(each.path, asked.path, exchange.names);
    };
    const auto found = std::find_if(k_routes.begin(), k_routes.end(), is_meant);
    if (asked.path.find("//") != std::string::npos) {
        std::string cleaned = asked.path;
        for (auto at = cleaned.find("//"); at != std::string::npos; at = cleaned.find("//")) {
            cleaned.erase(at, 1);
        }
        answer.send(301, "", "", {{"Location", asked.version.empty() ? cleaned : "/v" + asked.version + cleaned}});
        return;
    }
    try {
        if (found == k_routes.end()) {
            const bool is_known = is_not_here(asked);
            if (!is_known) {
                answer.page_not_found();
                return;
            }
            throw Refusal{501, fmt::format("the fake engine does not do {} {}", asked.request.method, asked.path)};
        }
        check_version(asked, answer, world.options);
        found->call(exchange);
    } catch (const Refusal& refusal) {
        if (refusal.status != 0) {
            answer.refuse(refusal);
        }
    } catch (const Json::exception& wrong) {
        // A member of another type than the call has it.
        answer.refuse({400, fmt::format("invalid JSON: {}", wrong.what())});
    }
}

}  // namespace berth::fake
