// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/container_bodies.hpp>
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace berth {

using engine::Call;
using engine::with_states;

namespace {

constexpr std::size_t k_piece = 64 * 1024;

Call call_for(std::string_view verb, const ContainerId& id, std::string method, std::string_view rest) {
    return {.purpose = fmt::format("cannot {} container '{}'", verb, engine::shown(id.text)),
            .method = std::move(method),
            .path = fmt::format("/containers/{}{}", http::encode_segment(id.text), rest)};
}

}  // namespace

void Containers::pause(const ContainerId& id, Deadline deadline) {
    with_states([&] { return wire_->send(call_for("pause", id, "POST", "/pause"), {204}, std::move(deadline)); });
}

void Containers::unpause(const ContainerId& id, Deadline deadline) {
    with_states([&] { return wire_->send(call_for("unpause", id, "POST", "/unpause"), {204}, std::move(deadline)); });
}

void Containers::rename(const ContainerId& id, const std::string& name, Deadline deadline) {
    engine::refuse_controls("a container's name", name);
    Call call = call_for("rename", id, "POST", "/rename");
    call.query = {{"name", name}};
    with_states([&] { return wire_->send(call, {204}, std::move(deadline)); });
}

std::vector<std::string> Containers::update(const ContainerId& id, const UpdateContainer& changes, Deadline deadline) {
    Call call = call_for("update", id, "POST", "/update");
    call.json = engine::update_container_body(changes);
    try {
        const auto answer = wire_->send(call, {200}, std::move(deadline));
        return wire_->json(call, answer.body).at("Warnings").texts();
    } catch (const EngineRefused& refused) {
        engine::explain_update(refused, call.purpose);
    }
}

ProcessTable Containers::top(const ContainerId& id, const std::string& arguments, Deadline deadline) {
    Call call = call_for("list the processes of", id, "GET", "/top");
    if (!arguments.empty()) {
        call.query = {{"ps_args", arguments}};
    }
    const auto answer = with_states([&] { return wire_->send(call, {200}, std::move(deadline)); });
    if (answer.body.empty()) {  // Podman, of one that does not run
        return {};
    }
    const engine::Json json = wire_->json(call, answer.body);
    ProcessTable table{json.at("Titles").texts(), {}};
    for (const auto& process : json.at("Processes").items()) {
        table.processes.push_back(process.texts());
    }
    return table;
}

std::vector<FileChange> Containers::changes(const ContainerId& id, Deadline deadline) {
    const Call call = call_for("list the changed files of", id, "GET", "/changes");
    const auto answer = with_states([&] { return wire_->send(call, {200}, std::move(deadline)); });
    std::vector<FileChange> result;
    for (const auto& item : wire_->json(call, answer.body).items()) {
        const int kind = item.at("Kind").small_number();
        result.push_back({kind == 1   ? FileChange::Kind::added
                          : kind == 2 ? FileChange::Kind::removed
                                      : FileChange::Kind::modified,
                          item.at("Path").required_text()});
    }
    return result;
}

void Containers::export_files(const ContainerId& id, const ArchiveSink& sink, Deadline deadline) {
    const Call call = call_for("export the files of", id, "GET", "/export");
    http::Stream stream = wire_->open(call, {200}, deadline);
    std::vector<char> buffer(k_piece);
    while (const std::size_t size = wire_->read(call, stream, buffer.data(), buffer.size(), deadline)) {
        sink({buffer.data(), size});
    }
}

std::string Containers::commit(const ContainerId& id, const CommitOptions& options, Deadline deadline) {
    engine::refuse_controls("an image's name", options.repository);
    engine::refuse_controls("an image's tag", options.tag);
    Call call{.purpose = fmt::format("cannot make an image of container '{}'", engine::shown(id.text)),
              .method = "POST",
              .path = "/commit",
              .query = {{"container", id.text}, {"pause", options.pause ? "1" : "0"}},
              .json = "{}"};
    const auto add = [&](const char* key, const std::string& text) {
        if (!text.empty()) {
            call.query.emplace_back(key, text);
        }
    };
    add("repo", options.repository);
    add("tag", options.tag);
    add("comment", options.comment);
    add("author", options.author);
    for (const auto& change : options.changes) {
        add("changes", change);
    }
    const auto answer = with_states([&] { return wire_->send(call, {200, 201}, std::move(deadline)); });
    return wire_->json(call, answer.body).at("Id").required_text();
}

PrunedContainers Containers::prune(const PruneContainers& which, Deadline deadline) {
    Call call{.purpose = "cannot prune containers", .method = "POST", .path = "/containers/prune"};
    std::vector<std::string> until;
    if (which.created_before) {
        until.push_back(std::to_string(*which.created_before));
    }
    if (std::string filters =
            engine::filters({{"label", which.labels}, {"label!", which.without_labels}, {"until", until}});
        !filters.empty()) {
        call.query.emplace_back("filters", std::move(filters));
    }
    const auto answer = wire_->send(call, {200}, std::move(deadline));
    const engine::Json json = wire_->json(call, answer.body);
    PrunedContainers pruned;
    for (auto& id : json.at("ContainersDeleted").texts()) {
        pruned.removed.push_back({std::move(id)});
    }
    pruned.reclaimed = static_cast<std::uint64_t>(std::max<std::int64_t>(json.at("SpaceReclaimed").number(), 0));
    return pruned;
}

Started Containers::start_from(const ContainerId& id, const std::string& checkpoint, Deadline deadline) {
    engine::refuse_controls("a checkpoint's name", checkpoint);
    constexpr int k_was_running = 304;
    Call call = call_for("start", id, "POST", "/start");
    call.query = {{"checkpoint", checkpoint}};
    const auto answer = with_states([&] { return wire_->send(call, {204, k_was_running}, std::move(deadline)); });
    return answer.status == k_was_running ? Started::was_running : Started::now;
}

void Containers::create_checkpoint(const ContainerId& id, const std::string& name, const CheckpointOptions& options,
                                   Deadline deadline) {
    engine::refuse_controls("a checkpoint's name", name);
    Call call = call_for("make a checkpoint of", id, "POST", "/checkpoints");
    call.json = engine::create_checkpoint_body(name, options);
    with_states([&] { return wire_->send(call, {201}, std::move(deadline)); });
}

std::vector<std::string> Containers::checkpoints(const ContainerId& id, const std::string& directory,
                                                 Deadline deadline) {
    Call call = call_for("list the checkpoints of", id, "GET", "/checkpoints");
    if (!directory.empty()) {
        call.query = {{"dir", directory}};
    }
    const auto answer = with_states([&] { return wire_->send(call, {200}, std::move(deadline)); });
    std::vector<std::string> names;
    for (const auto& item : wire_->json(call, answer.body).items()) {
        names.push_back(item.at("Name").required_text());
    }
    return names;
}

void Containers::remove_checkpoint(const ContainerId& id, const std::string& name, const std::string& directory,
                                   Deadline deadline) {
    Call call = call_for("remove a checkpoint of", id, "DELETE", "/checkpoints/" + http::encode_segment(name));
    if (!directory.empty()) {
        call.query = {{"dir", directory}};
    }
    with_states([&] { return wire_->send(call, {204}, std::move(deadline)); });
}

}  // namespace berth
