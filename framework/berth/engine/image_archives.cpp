// SPDX-License-Identifier: Apache-2.0
#include <berth/core/image_reference.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/internal/pull_errors.hpp>
#include <berth/engine/internal/transfer.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace berth {

using engine::Call;

namespace {

constexpr std::size_t k_piece = 64 * 1024;

/// The names after `Loaded image: `; ids when the archive names none.
void add_loaded(const std::string& text, std::vector<std::string>& names) {
    for (const std::string_view head : {"Loaded image: ", "Loaded image ID: ", "Loaded image(s): "}) {
        for (auto at = text.find(head); at != std::string::npos; at = text.find(head, at + 1)) {
            const auto from = at + head.size();
            names.push_back(text.substr(from, text.find_first_of("\r\n", from) - from));
        }
    }
}

/// Watches a tar go by: it has to end in two empty blocks. An engine that fails in the middle puts its words behind
/// what it had sent by then, and ends as if all were well.
class TarEnd {
  public:
    void take(std::string_view piece) {
        size_ += piece.size();
        tail_ += piece.size() > k_end ? piece.substr(piece.size() - k_end) : piece;
        if (tail_.size() > k_end) {
            tail_.erase(0, tail_.size() - k_end);
        }
    }
    [[nodiscard]] bool proper() const {
        return tail_.size() == k_end && size_ % k_block == 0 && tail_.find_first_not_of('\0') == std::string::npos;
    }
    /// What stands behind the last byte that may be of a tar.
    [[nodiscard]] std::string words() const {
        const auto from = tail_.rfind("{\"");
        return from == std::string::npos ? std::string{} : tail_.substr(from);
    }

  private:
    static constexpr std::size_t k_block = 512;
    static constexpr std::size_t k_end = 2 * k_block;
    std::string tail_;
    std::uint64_t size_{0};
};

}  // namespace

std::vector<std::string> Images::load(const ArchiveSource& tar, Deadline deadline) {
    Call call{.purpose = "cannot load images from an archive",
              .method = "POST",
              .path = "/images/load",
              .query = {{"quiet", "1"}}};
    call.tar = tar;
    const auto answer = wire_->send(call, {200}, deadline);
    engine::JsonSplitter objects(wire_->about(call));
    objects.feed(answer.body);
    std::vector<std::string> names;
    std::string object;
    ErrorFacts facts = wire_->about(call);
    facts.code = "BR0203";
    facts.http_status = answer.status;
    while (objects.next(object)) {
        const engine::Json json = wire_->json(call, object);
        if (std::string error = engine::error_in(json); !error.empty()) {
            facts.engine = std::move(error);
            facts.hints = {facts.engine.find("no space left") == std::string::npos
                               ? "it has to be what 'docker save' writes: a docker-archive"
                               : "the engine's disk is full: 'docker system df' shows what takes the space"};
            throw Error(std::move(facts));
        }
        add_loaded(json.at("stream").text(), names);
    }
    objects.finish();
    if (names.empty()) {
        facts.summary += ": the engine found none in it";
        facts.hints = {"it has to be what 'docker save' writes: a docker-archive"};
        throw Error(std::move(facts));
    }
    return names;
}

void Images::save(const std::vector<std::string>& references, const ArchiveSink& sink, Deadline deadline) {
    Call call{.purpose = references.size() == 1 ? fmt::format("cannot save image '{}'", references.front())
                                                : fmt::format("cannot save {} images", references.size()),
              .path = "/images/get"};
    for (const auto& reference : references) {
        call.query.emplace_back("names", engine::image_reference(reference).familiar());
    }
    http::Stream stream = wire_->open(call, {200}, deadline);
    std::vector<char> buffer(k_piece);
    TarEnd end;
    while (const std::size_t size = wire_->read(call, stream, buffer.data(), buffer.size(), deadline)) {
        const std::string_view piece(buffer.data(), size);
        end.take(piece);
        sink(piece);
    }
    if (!end.proper()) {
        ErrorFacts facts = wire_->about(call);
        facts.code = "BR0209";
        facts.summary += ": the archive breaks off";
        facts.http_status = stream.head().status;
        if (const std::string words = end.words(); !words.empty()) {
            facts.engine = engine::message_of(words);
        }
        facts.hints = {"throw away what was written; the engine's own log may say more"};
        throw Error(std::move(facts));
    }
}

std::string Images::import(const ArchiveSource& tar, const ImportOptions& options, Deadline deadline) {
    Call call{
        .purpose = "cannot import an image", .method = "POST", .path = "/images/create", .query = {{"fromSrc", "-"}}};
    if (!options.name.empty()) {
        call.purpose = fmt::format("cannot import image '{}'", options.name);
        const ImageReference image = engine::image_name(options.name);
        std::string repository = image.registry + '/' + image.repository;
        if (wire_->facts().kind == EngineKind::podman) {  // Podman 4.3 does not look at `tag`
            repository += ':' + image.tag;
        }
        call.query.emplace_back("repo", std::move(repository));
        call.query.emplace_back("tag", image.tag);
    }
    const std::initializer_list<std::pair<const char*, const std::string*>> texts{{"message", &options.message},
                                                                                  {"platform", &options.platform}};
    for (const auto& [key, value] : texts) {
        if (!value->empty()) {
            call.query.emplace_back(key, *value);
        }
    }
    for (const auto& change : options.changes) {
        call.query.emplace_back("changes", change);
    }
    call.tar = tar;
    const auto failed = [&](ErrorFacts facts) {
        facts.code = "BR0208";
        facts.hints = {
            "it has to be a tar of a root folder, and the changes instructions such as 'CMD [\"/bin/app\"]'"};
        return Error(std::move(facts));
    };
    std::string id;
    try {
        const auto answer = wire_->send(call, {200}, deadline);
        engine::JsonSplitter objects(wire_->about(call));
        objects.feed(answer.body);
        std::string object;
        while (objects.next(object)) {
            const engine::Json json = wire_->json(call, object);
            if (std::string error = engine::error_in(json); !error.empty()) {
                ErrorFacts facts = wire_->about(call);
                facts.http_status = answer.status;
                facts.engine = std::move(error);
                throw failed(std::move(facts));
            }
            id = json.at("status").text();
        }
        objects.finish();
    } catch (const EngineRefused& refused) {
        throw failed(refused.facts());
    }
    if (id.empty()) {
        ErrorFacts facts = wire_->about(call);
        facts.summary += ": the engine names no image";
        throw failed(std::move(facts));
    }
    return id;
}

}  // namespace berth
