// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/internal/credentials.hpp>
#include <berth/engine/internal/image_platform.hpp>
#include <berth/engine/internal/pull_errors.hpp>
#include <berth/engine/internal/pull_turn.hpp>
#include <berth/engine/internal/transfer.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {
namespace {

using engine::RegistryTrouble;
using std::chrono::milliseconds;

/// After a registry has turned us away twice, nobody asks for so many times as long.
constexpr int k_longer_after_the_second = 6;

engine::Call call_for(const ImageReference& image, const PullOptions& options, const RegistryCredentials& login) {
    engine::Call call{.purpose = fmt::format("cannot pull image '{}'", image.familiar()),
                      .method = "POST",
                      .path = "/images/create",
                      .query = {{"fromImage", image.registry + '/' + image.repository}}};
    // Without a tag the engine pulls every one there is. A digest says more than a tag.
    call.query.emplace_back("tag", !image.digest.empty() ? image.digest : image.tag.empty() ? "latest" : image.tag);
    if (!options.platform.empty()) {
        call.query.emplace_back("platform", options.platform);
    }
    if (!login.anonymous()) {
        call.headers.emplace_back("X-Registry-Auth", login.header());
    }
    return call;
}

/// One pull, with what it takes to get an answer out of a registry that is busy.
class Puller {
  public:
    Puller(const Engine::Wire& wire, const process::Descriptor& folder, const ImageReference& image,
           const PullOptions& options, const Deadline& deadline)
        : wire_(wire),
          image_(image),
          options_(options),
          deadline_(deadline),
          login_(engine::pull_credentials(image.registry, options.credentials, deadline)),
          call_(call_for(image, options, login_.credentials)),
          backoff_(folder, fmt::format("{} {}", wire.facts().endpoint, image.registry)) {}

    void run() {
        for (int attempt = 1;; ++attempt) {
            keep_off();
            engine::TransferEnd end =
                engine::run_transfer(wire_, {call_, options_.stall, options_.on_progress, {}}, deadline_);
            if (!end.failed) {
                backoff_.forget();
                return;
            }
            if (!may_try_again(end, attempt)) {
                throw failure(std::move(end));
            }
        }
    }

  private:
    void tell(std::string status, PullProgress::Phase phase) const {
        if (options_.on_progress) {
            options_.on_progress({.status = std::move(status), .phase = phase});
        }
    }

    /// Waits while the registry wants to be left alone.
    void keep_off() {
        for (;;) {
            const auto own = std::chrono::duration_cast<milliseconds>(not_before_ - Deadline::Clock::now());
            const milliseconds left = std::max(own, backoff_.left());
            if (left <= milliseconds(0)) {
                return;
            }
            if (left > deadline_.left()) {
                ErrorFacts facts = wire_.about(call_);
                facts.code = "BR0201";
                facts.summary =
                    fmt::format("{}: registry '{}' limits how often images are pulled, and is left alone for {} more",
                                call_.purpose, image_.registry, readable_duration(left));
                facts.hints = {
                    fmt::format("allow more time, or log in for a higher limit: docker login {}", image_.registry)};
                throw PullFailed(std::move(facts));
            }
            tell(fmt::format("waiting {}: the registry limits how often it is asked", readable_duration(left)),
                 PullProgress::Phase::waiting);
            engine::pause(left, deadline_);
        }
    }

    /// Pauses as long as it takes. @returns false when that was all
    bool may_try_again(const engine::TransferEnd& end, int attempt) {
        if (end.stalled) {
            return false;
        }
        milliseconds pause{0};
        switch (engine::registry_trouble(end.facts)) {
            case RegistryTrouble::rate_limit:
                pause = engine::with_jitter(options_.rate_limit_pause);
                backoff_.hold_off(turned_away_ ? pause * k_longer_after_the_second : pause);
                if (std::exchange(turned_away_, true) || pause >= deadline_.left()) {
                    return false;
                }
                not_before_ = Deadline::Clock::now() + pause;
                return true;
            case RegistryTrouble::no_answer:
                // Once there are layers, the engine itself has tried again, for a minute and more.
                if (end.layers || attempt >= options_.attempts) {
                    return false;
                }
                pause = engine::with_jitter(options_.pause * (1 << std::min(attempt - 1, 10)));
                break;
            default:
                return false;
        }
        if (pause >= deadline_.left()) {
            return false;
        }
        log::info(fmt::format("{}: {}; trying again in {}", call_.purpose, end.facts.engine, readable_duration(pause)));
        tell(fmt::format("trying again in {}: {}", readable_duration(pause), end.facts.engine),
             PullProgress::Phase::retrying);
        engine::pause(pause, deadline_);
        return true;
    }

    PullFailed failure(engine::TransferEnd end) const {
        ErrorFacts& facts = end.facts;
        facts.code = "BR0201";
        if (end.stalled) {
            facts.summary = fmt::format("{}: no progress for {}", call_.purpose, readable_duration(options_.stall));
            facts.hints = {
                fmt::format("look whether registry '{}' is up, and how fast the engine's network is", image_.registry)};
        } else {
            engine::explain_registry(facts, call_.purpose, image_, !login_.credentials.anonymous());
        }
        if (!login_.trouble.empty()) {
            facts.notes.push_back(login_.trouble);
        }
        return PullFailed(std::move(facts));
    }

    const Engine::Wire& wire_;
    const ImageReference& image_;
    const PullOptions& options_;
    const Deadline& deadline_;
    engine::PullCredentials login_;
    engine::Call call_;
    engine::RegistryBackoff backoff_;
    bool turned_away_{false};
    Deadline::Clock::time_point not_before_{};
};

std::string turn_of(const EngineFacts& engine, const ImageReference& image, const std::string& platform) {
    return fmt::format("{} {} {}", engine.endpoint, image.normalised(), platform);
}

}  // namespace

Pulled Images::pull(const std::string& reference, const PullOptions& options, Deadline deadline) {
    const ImageReference image = engine::image_reference(reference);
    const process::Descriptor folder = engine::shared_folder(engine::process_variable);
    engine::PullTurn turn(folder, turn_of(wire_->facts(), image, options.platform));
    const auto told = [&] {
        log::debug(fmt::format("image '{}' is being pulled by another", image.familiar()));
        if (options.on_progress) {
            options.on_progress({.status = "waiting for another pull of it", .phase = PullProgress::Phase::waiting});
        }
    };
    try {
        if (turn.wait(deadline, told) && find(reference, deadline)) {
            return Pulled::by_another;
        }
    } catch (TimedOut& late) {
        late.amend([&](ErrorFacts& facts) {
            facts.summary = fmt::format("cannot pull image '{}': {}", image.familiar(), facts.summary);
        });
        throw;
    }
    Puller(*wire_, folder, image, options, deadline).run();
    turn.done();
    return Pulled::now;
}

ImageFacts Images::get_or_pull(const std::string& reference, const GetOptions& options, Deadline deadline) {
    const ImageReference image = engine::image_reference(reference);
    const auto fits = [&](const ImageFacts& facts) {
        return options.pull.platform.empty() || engine::is_for(facts, options.pull.platform);
    };
    const auto too_old = [&] {
        const engine::PullTurn turn(engine::shared_folder(engine::process_variable),
                                    turn_of(wire_->facts(), image, options.pull.platform));
        const auto last = turn.last_done();
        return !last || std::chrono::system_clock::now() - *last > options.older_than;
    };
    // What a digest names never changes.
    const bool fixed = !image.digest.empty();
    std::optional<ImageFacts> there;
    if (options.when != PullWhen::always || fixed) {
        there = find(reference, deadline);
    }
    if (options.when == PullWhen::never && !there) {
        ErrorFacts facts{
            .code = "BR0202",
            .summary = fmt::format("image '{}' is not on the engine, and may not be pulled", image.familiar()),
            .operation = fmt::format("GET /images/{}/json", http::encode_path(reference)),
            .endpoint = wire_->facts().endpoint,
            .hints = {fmt::format("pull it first: docker pull {}", image.familiar())}};
        throw NotFound(std::move(facts));
    }
    const bool pulls = options.when != PullWhen::never &&
                       (!there || !fits(*there) || (options.when == PullWhen::age && !fixed && too_old()));
    if (pulls) {
        pull(reference, options.pull, deadline);
        there = inspect(reference, deadline);
    }
    check_platform(*there, options.pull.platform, deadline);
    return std::move(*there);
}

}  // namespace berth
