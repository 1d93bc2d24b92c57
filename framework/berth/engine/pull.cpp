// SPDX-License-Identifier: Apache-2.0
#include <berth/core/image_reference.hpp>
#include <berth/core/redaction.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/internal/pull_errors.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

namespace berth {
namespace {

constexpr std::size_t k_piece = 16 * 1024;

ImageReference parse(const std::string& reference) {
    ImageReference image;
    ImageReferenceError error;
    if (!parse_image_reference(reference, image, error)) {
        throw Error({.code = "BR0204",
                     .summary = fmt::format("'{}' is no image reference: {}", reference, error.why),
                     .hints = {"write [REGISTRY/]NAME[:TAG][@DIGEST]"}});
    }
    return image;
}

engine::Call call_for(const ImageReference& image, const PullOptions& options) {
    engine::Call call{.purpose = fmt::format("cannot pull image '{}'", image.familiar()),
                      .method = "POST",
                      .path = "/images/create",
                      .query = {{"fromImage", image.registry + '/' + image.repository}}};
    // Without a tag the engine pulls every one there is. A digest says more than a tag.
    call.query.emplace_back("tag", !image.digest.empty() ? image.digest : image.tag.empty() ? "latest" : image.tag);
    if (!options.platform.empty()) {
        call.query.emplace_back("platform", options.platform);
    }
    return call;
}

/// Knows what each layer last reported, and so whether anything goes on.
class Progress {
  public:
    /// @returns whether it is news
    bool take(const PullProgress& step) {
        auto& last = last_[step.layer];
        const bool news = last.status != step.status || last.current != step.current;
        last = step;
        return news;
    }

  private:
    std::map<std::string, PullProgress> last_;
};

/// The words of `errorDetail`, or of the older `error`; empty when the object is none.
std::string error_in(const engine::Json& object) {
    std::string text = object.at("errorDetail").at("message").text();
    if (text.empty()) {
        text = object.at("error").text();
    }
    if (text.empty() && !object.at("errorDetail").absent()) {
        text = "an error without a text";
    }
    return escape_controls(text);
}

PullProgress step_of(const engine::Json& object) {
    PullProgress step;
    step.layer = object.at("id").text();
    step.status = object.at("status").text();
    const engine::Json detail = object.at("progressDetail");
    step.current = static_cast<std::uint64_t>(std::max<std::int64_t>(detail.at("current").number(), 0));
    step.total = static_cast<std::uint64_t>(std::max<std::int64_t>(detail.at("total").number(), 0));
    return step;
}

}  // namespace

void Images::pull(const std::string& reference, const PullOptions& options, Deadline deadline) {
    const ImageReference image = parse(reference);
    const engine::Call call = call_for(image, options);
    const auto stalled = [&](const TimedOut& late) {
        if (deadline.passed()) {
            return;
        }
        ErrorFacts facts = wire_->about(call);
        facts.code = "BR0201";
        facts.summary = fmt::format("cannot pull image '{}': no progress for {}", image.familiar(),
                                    readable_duration(options.stall));
        facts.http_status = late.http_status();
        facts.hints = {
            fmt::format("look whether registry '{}' is up, and how fast the engine's network is", image.registry)};
        throw PullFailed(std::move(facts));
    };
    try {
        // The engine asks the registry before it sends its head, and the registry may hang.
        http::Stream stream = wire_->open(call, {200}, deadline.sooner(options.stall));
        engine::JsonSplitter objects(wire_->about(call));
        Progress progress;
        std::vector<char> buffer(k_piece);
        std::string object;
        Deadline patience = deadline.sooner(options.stall);
        while (const std::size_t size = wire_->read(call, stream, buffer.data(), buffer.size(), patience)) {
            objects.feed({buffer.data(), size});
            while (objects.next(object)) {
                const engine::Json json = wire_->json(call, object);
                if (std::string error = error_in(json); !error.empty()) {
                    ErrorFacts facts = wire_->about(call);
                    facts.http_status = stream.head().status;
                    facts.engine = std::move(error);
                    throw engine::explain_pull(std::move(facts), image);
                }
                const PullProgress step = step_of(json);
                if (progress.take(step)) {
                    patience = deadline.sooner(options.stall);
                    if (options.on_progress) {
                        options.on_progress(step);
                    }
                }
            }
        }
        objects.finish();
    } catch (const EngineRefused& refused) {
        throw engine::explain_pull(refused.facts(), image);
    } catch (const TimedOut& late) {
        stalled(late);
        throw;
    }
}

}  // namespace berth
