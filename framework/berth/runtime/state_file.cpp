// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/runtime/state_file.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <system_error>

namespace berth {
namespace {

using Json = nlohmann::ordered_json;

constexpr int k_schema = 1;
constexpr std::size_t k_largest = std::size_t{16} << 20U;

[[noreturn]] void refuse(const std::string& path, const std::string& why, const std::string& hint) {
    throw Error(
        {.code = "BR0803", .summary = fmt::format("cannot read the state file '{}': {}", path, why), .hints = {hint}});
}

constexpr const char* k_up_again = "write it anew with 'berth up'";

std::string error_text(int error) {
    return std::generic_category().message(error);
}

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const noexcept { return number_; }

  private:
    int number_;
};

// Whoever can write this file can send the tests to a database of theirs: only our own file is believed.
std::string read_own_file(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (file.number() < 0) {
        const int error = errno;
        if (error == ELOOP) {
            refuse(path, "it is a symbolic link", k_up_again);
        }
        refuse(path, error_text(error), "bring the environment up first with 'berth up', or run under 'berth run'");
    }
    struct stat facts {};
    if (::fstat(file.number(), &facts) != 0) {
        refuse(path, error_text(errno), k_up_again);
    }
    if (!S_ISREG(facts.st_mode)) {
        refuse(path, "it is no ordinary file", k_up_again);
    }
    if (facts.st_uid != ::geteuid()) {
        refuse(path, fmt::format("it belongs to user {}, and this is user {}", facts.st_uid, ::geteuid()),
               "use the user that brought the environment up");
    }
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse(path, fmt::format("others may write to it (mode {:04o})", facts.st_mode & 07777U),
               fmt::format("check what it says, then 'chmod 600 {}'", path));
    }
    std::string text;
    char piece[16'384];
    while (true) {
        const ssize_t got = ::read(file.number(), piece, sizeof piece);
        if (got < 0 && errno != EINTR) {
            refuse(path, error_text(errno), k_up_again);
        }
        if (got == 0) {
            return text;
        }
        text.append(piece, got < 0 ? 0 : static_cast<std::size_t>(got));
        if (text.size() > k_largest) {
            refuse(path, "it is larger than 16 MiB", k_up_again);
        }
    }
}

// Reads members by name and knows where it stands, so that an error can say `services.db.ports`.
class Reader {
  public:
    Reader(const Json& value, const std::string& path, std::string where)
        : value_(value), path_(path), where_(std::move(where)) {
        if (!value_.is_object()) {
            wrong(where_, "an object", value_);
        }
    }

    [[nodiscard]] bool has(const char* key) const { return value_.contains(key); }

    [[nodiscard]] std::string text(const char* key) const {
        const Json& member = at(key);
        if (!member.is_string()) {
            wrong(place(key), "a text", member);
        }
        return member.get<std::string>();
    }

    [[nodiscard]] std::int64_t number(const char* key, std::int64_t least, std::int64_t most) const {
        return whole(at(key), place(key), least, most);
    }

    [[nodiscard]] Reader object(const char* key) const { return {at(key), path_, place(key)}; }

    [[nodiscard]] std::map<std::string, std::string> texts(const char* key) const {
        const Reader members = object(key);
        std::map<std::string, std::string> all;
        for (const auto& [name, ignored] : members.value_.items()) {
            all.emplace(name, members.text(name.c_str()));
        }
        return all;
    }

    [[nodiscard]] std::vector<std::string> keys() const {
        std::vector<std::string> all;
        for (const auto& [name, ignored] : value_.items()) {
            all.push_back(name);
        }
        return all;
    }

  private:
    [[nodiscard]] std::string place(const char* key) const { return where_.empty() ? key : where_ + '.' + key; }

    [[nodiscard]] const Json& at(const char* key) const {
        const auto member = value_.find(key);
        if (member == value_.end()) {
            refuse(path_, fmt::format("'{}' is missing", place(key)), k_up_again);
        }
        return *member;
    }

    [[nodiscard]] std::int64_t whole(const Json& member, const std::string& where, std::int64_t least,
                                     std::int64_t most) const {
        if (!member.is_number_integer()) {
            wrong(where, "a whole number", member);
        }
        const bool too_large =
            member.is_number_unsigned() && member.get<std::uint64_t>() > static_cast<std::uint64_t>(most);
        if (too_large || member.get<std::int64_t>() < least || member.get<std::int64_t>() > most) {
            refuse(path_, fmt::format("'{}' is {}, and may be {} to {}", where, member.dump(), least, most),
                   k_up_again);
        }
        return member.get<std::int64_t>();
    }

    [[noreturn]] void wrong(const std::string& where, const char* wanted, const Json& got) const {
        refuse(path_,
               where.empty() ? fmt::format("it must hold {}, and holds {}", wanted, kind(got))
                             : fmt::format("'{}' must be {}, and is {}", where, wanted, kind(got)),
               k_up_again);
    }

    static const char* kind(const Json& value) {
        switch (value.type()) {
            case Json::value_t::null:
                return "null";
            case Json::value_t::boolean:
                return "true or false";
            case Json::value_t::string:
                return "a text";
            case Json::value_t::array:
                return "a list";
            case Json::value_t::object:
                return "an object";
            default:
                return "a number";
        }
    }

    const Json& value_;
    const std::string& path_;
    std::string where_;
};

constexpr std::int64_t k_highest_port = 65'535;

StateFile::ServiceState service_from(const Reader& from) {
    StateFile::ServiceState service;
    service.state = from.text("state");
    const Reader container = from.object("container");
    service.container_id = container.text("id");
    service.container_name = container.text("name");
    service.image = from.text("image");
    service.digest = from.text("digest");
    service.host = from.text("host");
    const Reader ports = from.object("ports");
    for (const auto& key : ports.keys()) {
        const Reader port = ports.object(key.c_str());
        service.ports[key] = {port.text("host"), static_cast<std::uint16_t>(port.number("port", 0, k_highest_port))};
    }
    service.url = from.text("url");
    const Reader internal = from.object("internal");
    service.internal_host = internal.text("host");
    const Reader internal_ports = internal.object("ports");
    for (const auto& key : internal_ports.keys()) {
        service.internal_ports[key] = static_cast<std::uint16_t>(internal_ports.number(key.c_str(), 0, k_highest_port));
    }
    service.internal_url = internal.text("url");
    service.ready_ms = from.number("ready_ms", 0, std::numeric_limits<std::int64_t>::max());
    return service;
}

Json service_json(const StateFile::ServiceState& service) {
    Json ports = Json::object();
    for (const auto& [key, port] : service.ports) {
        ports[key] = {{"host", port.host}, {"port", port.port}};
    }
    Json internal_ports = Json::object();
    for (const auto& [key, port] : service.internal_ports) {
        internal_ports[key] = port;
    }
    return {
        {"state", service.state},
        {"container", {{"id", service.container_id}, {"name", service.container_name}}},
        {"image", service.image},
        {"digest", service.digest},
        {"host", service.host},
        {"ports", std::move(ports)},
        {"url", service.url},
        {"internal",
         {{"host", service.internal_host}, {"ports", std::move(internal_ports)}, {"url", service.internal_url}}},
        {"outputs", Json::object()},
        {"ready_ms", service.ready_ms},
    };
}

}  // namespace

std::string state_file_json(const StateFile& state) {
    Json services = Json::object();
    for (const auto& [name, service] : state.services) {
        services[name] = service_json(service);
    }
    Json exports = Json::object();
    for (const auto& [name, value] : state.exports) {
        exports[name] = value;
    }
    Json engine{{"endpoint", state.engine_endpoint},
                {"kind", state.engine_kind},
                {"version", state.engine_version},
                {"api", state.engine_api}};
    if (!state.engine_name.empty()) {
        engine["name"] = state.engine_name;
    }
    const Json document{
        {"schema", k_schema},
        {"run",
         {{"id", state.run_id},
          {"dir", state.run_directory},
          {"project", state.project},
          {"started", state.started},
          {"matrix", Json::object()}}},
        {"engine", std::move(engine)},
        {"services", std::move(services)},
        {"exports", std::move(exports)},
    };
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

StateFile read_state_file(const std::string& path) {
    const std::string text = read_own_file(path);
    const Json document = Json::parse(text, nullptr, false);
    if (document.is_discarded()) {
        refuse(path, "it is not JSON", k_up_again);
    }
    const Reader from{document, path, ""};
    if (const auto schema = from.number("schema", 1, std::numeric_limits<std::int64_t>::max()); schema > k_schema) {
        refuse(path, fmt::format("it is schema {}, and this Berth reads up to {}", schema, k_schema),
               "use the version of Berth that brought the environment up");
    }
    StateFile state;
    const Reader run = from.object("run");
    state.run_id = run.text("id");
    state.run_directory = run.text("dir");
    state.project = run.text("project");
    state.started = run.text("started");
    const Reader engine = from.object("engine");
    state.engine_endpoint = engine.text("endpoint");
    state.engine_name = engine.has("name") ? engine.text("name") : std::string();
    state.engine_kind = engine.text("kind");
    state.engine_version = engine.text("version");
    state.engine_api = engine.text("api");
    const Reader services = from.object("services");
    for (const auto& name : services.keys()) {
        state.services.emplace_back(name, service_from(services.object(name.c_str())));
    }
    state.exports = from.texts("exports");
    return state;
}

std::string state_file_path(const std::string& directory) {
    if (const char* given = std::getenv("BERTH_STATE"); given != nullptr && *given != '\0') {
        return given;
    }
    return directory.empty() ? ".berth/state.json" : directory + "/.berth/state.json";
}

}  // namespace berth
