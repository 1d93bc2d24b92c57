// SPDX-License-Identifier: Apache-2.0
#include <berth/fake/image.hpp>
#include <berth/fake/internal/world.hpp>

#include <fmt/format.h>

#include <utility>

namespace berth::fake {

Image& Image::exposes(const std::string& port) {
    const std::lock_guard lock(world_.mutex);
    script_->config["ExposedPorts"][port.find('/') == std::string::npos ? port + "/tcp" : port] = Json::object();
    return *this;
}

Image& Image::has_label(const std::string& key, const std::string& value) {
    const std::lock_guard lock(world_.mutex);
    script_->config["Labels"][key] = value;
    return *this;
}

Image& Image::has_environment(const std::string& name, const std::string& value) {
    const std::lock_guard lock(world_.mutex);
    std::string entry = name;
    script_->config["Env"].push_back(entry.append("=").append(value));
    return *this;
}

Image& Image::has_command(std::vector<std::string> command) {
    const std::lock_guard lock(world_.mutex);
    script_->config["Cmd"] = std::move(command);
    return *this;
}

Image& Image::has_volume(const std::string& path) {
    const std::lock_guard lock(world_.mutex);
    script_->config["Volumes"][path] = Json::object();
    return *this;
}

Image& Image::has_file(const std::string& path, std::string content, unsigned mode) {
    constexpr std::int64_t k_second = 1'000'000'000;
    const std::lock_guard lock(world_.mutex);
    script_->files.put(path, {Node::Kind::file, std::move(content), mode, 0, 0, now_nano() / k_second});
    return *this;
}

Image& Image::is_in_registry() {
    const std::lock_guard lock(world_.mutex);
    script_->present = false;
    return *this;
}

Image& Image::fails_to_pull(std::string error) {
    const std::lock_guard lock(world_.mutex);
    script_->present = false;
    script_->pull_error = std::move(error);
    return *this;
}

Image& Image::becomes_healthy_after(std::chrono::nanoseconds time) {
    const std::lock_guard lock(world_.mutex);
    script_->config["Healthcheck"] = {{"Test", {"CMD", "berth-fake-health"}}};
    script_->health = {{time, "healthy"}};
    return *this;
}

Image& Image::reports_health(const std::vector<std::string>& statuses, std::chrono::nanoseconds every) {
    const std::lock_guard lock(world_.mutex);
    script_->config["Healthcheck"] = {{"Test", {"CMD", "berth-fake-health"}}};
    script_->health.clear();
    std::chrono::nanoseconds at{0};
    for (const auto& status : statuses) {
        script_->health.push_back({at, status});
        at += every;
    }
    return *this;
}

Image& Image::prints(std::string line, std::chrono::nanoseconds after, Stream stream) {
    const std::lock_guard lock(world_.mutex);
    script_->prints.push_back({after, stream, std::move(line)});
    return *this;
}

Image& Image::exits(int code, std::chrono::nanoseconds after, Ending ending) {
    const std::lock_guard lock(world_.mutex);
    script_->exit = {after, code, ending};
    return *this;
}

Image& Image::exits_on_stop(int code) {
    const std::lock_guard lock(world_.mutex);
    script_->stop_code = code;
    return *this;
}

Image& Image::ignores_stop() {
    const std::lock_guard lock(world_.mutex);
    script_->ignores_stop = true;
    return *this;
}

Image& Image::has_no_such_command(const std::string& command) {
    const std::lock_guard lock(world_.mutex);
    script_->missing_command = command;
    return *this;
}

Image& Image::accepts_connections_after(std::chrono::nanoseconds time) {
    const std::lock_guard lock(world_.mutex);
    script_->accepts_after = time;
    return *this;
}

Image& Image::answers_http(int status, std::string body, std::chrono::nanoseconds after) {
    const std::lock_guard lock(world_.mutex);
    script_->accepts_after = after;
    script_->http_answer = fmt::format("HTTP/1.1 {} Answer\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}",
                                       status, body.size(), body);
    return *this;
}

Image& Image::runs(std::vector<std::string> command, ExecResult result) {
    const std::lock_guard lock(world_.mutex);
    script_->commands.emplace_back(std::move(command), std::move(result));
    return *this;
}

Image& Image::runs(std::function<ExecResult(const ExecRequest&)> anything) {
    const std::lock_guard lock(world_.mutex);
    script_->anything = std::move(anything);
    return *this;
}

}  // namespace berth::fake
