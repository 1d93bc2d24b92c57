// SPDX-License-Identifier: Apache-2.0
#include <tests/contract/cut_life.hpp>

#include <berth/archive/tar_reader.hpp>
#include <berth/archive/tar_writer.hpp>
#include <berth/session/owners.hpp>
#include <tests/support/eventually.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace berth::contract {
namespace {

using namespace std::chrono_literals;
using support::k_patience;

/// A step succeeded, and its result is not the right one.
class Wrong : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

void expect(bool holds, const std::string& what) {
    if (!holds) {
        throw Wrong(what);
    }
}

void read_log(Containers& containers, const ContainerId& id) {
    std::vector<std::string> lines;
    containers.follow(
        id, {},
        [&](const LogLine& line) {
            lines.push_back(line.text);
            return lines.size() < 2;
        },
        within(k_patience));
    std::sort(lines.begin(), lines.end());
    expect(lines == std::vector<std::string>{"to err", "to out"}, fmt::format("{} lines of log", lines.size()));
}

void run(Containers& containers, const ContainerId& id) {
    const auto result =
        containers.exec(id, {.command = {"cat"}, .input = k_input, .check = Check::no}, within(k_patience));
    expect(result.exit_code == 0, fmt::format("exec ended with {}", result.exit_code));
    // The end of a raw stream is the end of the connection, and nothing else: cut between two frames it cannot be told
    // from whole. All that came is right, though, and so is the status, which is asked for by a call of its own.
    const bool is_right = result.standard_output == k_input || result.standard_output.empty();
    expect(is_right && result.standard_error.empty(), "exec said '" + result.standard_output + "'");
}

void copy(Containers& containers, const ContainerId& id) {
    const std::string content(300, 'c');
    archive::TarSource tar;
    tar.add_content("kept", content);
    containers.put_archive(id, "/etc", archive::pieces(std::move(tar)), within(k_patience));
    std::string bytes;
    containers.get_archive(
        id, "/etc/kept", [&](std::string_view piece) { bytes += piece; }, within(k_patience));
    bool given = false;
    const auto back =
        archive::read_file([&] { return std::exchange(given, true) ? std::string_view{} : std::string_view(bytes); });
    expect(back == content, fmt::format("{} bytes came back", back.size()));
}

void go_through(OwnedContainer& owner, Containers& containers, const ContainerConfig& config) {
    owner.create(config, within(k_patience));
    const ContainerId& id = owner.id();
    containers.start(id, within(k_patience));
    const auto facts = containers.inspect(id, within(k_patience));
    expect(facts.id == id && facts.running && facts.name == owner.name(), "inspect told of another container");
    read_log(containers, id);
    run(containers, id);
    copy(containers, id);
    containers.stop(id, {.grace = 10s}, within(k_patience));
    const auto end = containers.inspect(id, within(k_patience));
    expect(!end.running && end.status == Status::exited, "stop did not stop it");
    owner.remove(within(k_patience));
}

}  // namespace

ContainerConfig living(const std::string& image, const Labels& labels) {
    return {.image = image,
            .command =
                std::vector<std::string>{
                    "sh", "-c", "echo to out; echo to err >&2; trap 'exit 0' TERM; while :; do sleep 0.1; done"},
            .labels = labels};
}

Lived live(const Session& session, const std::string& name, const ContainerConfig& config) {
    Lived lived;
    Containers containers = session.engine().containers();
    OwnedContainer owner(session, name);
    try {
        go_through(owner, containers, config);
        lived.whole = true;
    } catch (const Wrong& wrong) {
        lived.wrong = wrong.what();
    } catch (const Error& error) {
        lived.error = error.what();
        if (error.code().empty()) {
            lived.wrong = "an error without a code: " + lived.error;
        }
    } catch (const std::exception& other) {
        lived.wrong = fmt::format("no error of ours: {}", other.what());
    }
    try {
        owner.remove(within(k_patience));
    } catch (const std::exception& left) {
        lived.wrong += fmt::format("not removed: {}", left.what());
    }
    return lived;
}

}  // namespace berth::contract
