// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/build.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/internal/build_parts.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <sys/utsname.h>

namespace berth {
namespace {

constexpr std::size_t k_piece = 16 * 1024;
constexpr int k_first_with_buildkit_by_default = 42;  // Docker 23

/// The platform that the engine builds for unless it is told; of this machine, which is right for most.
std::string own_platform() {
    utsname facts{};
    if (::uname(&facts) != 0) {
        return "linux/amd64";
    }
    const std::string_view machine = facts.machine;
    return machine == "x86_64"    ? "linux/amd64"
           : machine == "aarch64" ? "linux/arm64"
                                  : fmt::format("linux/{}", machine);
}

/// BuildKit wants to ask this machine something, and there is no session to ask through.
bool wants_session(const engine::BuildFailure& failure) {
    return failure.message.find("no active session") != std::string::npos ||
           failure.message.find("no valid session") != std::string::npos;
}

archive::ContextReader reader_for(Builder builder, EngineKind engine) {
    if (engine == EngineKind::podman) {
        return archive::ContextReader::podman;
    }
    return builder == Builder::buildkit ? archive::ContextReader::buildkit : archive::ContextReader::classic;
}

/// One build: what is known of it, and the ways to do it.
class Build {
  public:
    Build(const Engine::Wire& wire, Images images, const BuildContext& context, const BuildOptions& options,
          const Deadline& deadline)
        : wire_(wire),
          images_(std::move(images)),
          context_(context),
          options_(options),
          deadline_(deadline),
          dockerfile_(read_dockerfile(context.dockerfile_text(), options.args,
                                      options.platform.empty() ? own_platform() : options.platform)) {}

    BuiltImage run() {
        for (const auto& text : context_.warnings()) {
            warn(text);
        }
        engine::require_target(dockerfile_, context_, options_);
        const Builder builder = choose();
        if (builder == Builder::buildx) {
            return by_buildx();
        }
        bring_images(builder);
        if (auto built = over_the_api(builder)) {
            return std::move(*built);
        }
        return again_without_buildkit("BuildKit needs a session for it, which the Engine API alone cannot give");
    }

  private:
    void tell(const BuildEvent& event) const {
        if (options_.on_event) {
            options_.on_event(event);
        }
    }

    /// Said once: to whom it listens, otherwise to the log.
    void warn(const std::string& text) const {
        if (options_.on_event) {
            options_.on_event({.kind = BuildEvent::Kind::warning, .text = text});
        } else {
            log::warn(text);
        }
    }

    /// Limits that the classic builder alone keeps.
    [[nodiscard]] bool limited() const {
        return options_.memory != 0 || options_.memory_swap != 0 || options_.cpu_shares != 0 ||
               options_.cpu_period != 0 || options_.cpu_quota != 0 || !options_.cpuset_cpus.empty();
    }

    [[nodiscard]] bool podman() const { return wire_.facts().kind == EngineKind::podman; }

    Builder choose() {
        if (podman()) {
            return options_.builder == Builder::buildx ? Builder::buildx : Builder::classic;
        }
        if (options_.builder != Builder::automatic) {
            return options_.builder;
        }
        if (dockerfile_.session) {
            return Builder::buildx;
        }
        const bool prefers =
            wire_.facts().builder == "2" || (wire_.facts().builder.empty() && wire_.facts().os != "windows" &&
                                             wire_.speaks(k_first_with_buildkit_by_default));
        if ((!prefers || limited()) && !dockerfile_.buildkit) {
            return Builder::classic;
        }
        if (!dockerfile_.frontend.empty() && !has_frontend()) {
            return dockerfile_.buildkit ? Builder::buildx : Builder::classic;
        }
        return Builder::buildkit;
    }

    /// The image that `# syntax=` names has to be on the engine: without a session BuildKit cannot log in for it.
    bool has_frontend() {
        if (images_.find(dockerfile_.frontend, deadline_)) {
            return true;
        }
        try {
            images_.pull(dockerfile_.frontend, {}, deadline_);
            return true;
        } catch (const PullFailed& failed) {
            const std::string text =
                fmt::format("{}:1: the frontend '{}' cannot be pulled, and the build goes on without it",
                            context_.dockerfile_shown(), dockerfile_.frontend);
            warn(text);
            log::debug(failed.what());
            return false;
        }
    }

    void bring_images(Builder builder) {
        const auto built = builder == Builder::buildkit ? StagesBuilt::needed : StagesBuilt::until_target;
        for (const auto& image : base_images(dockerfile_, options_.target, built)) {
            const std::string& platform = image.platform.empty() ? options_.platform : image.platform;
            if (!options_.pull && is_here(image.reference, platform)) {
                continue;
            }
            images_.pull(image.reference,
                         {.platform = platform,
                          .on_progress =
                              [&](const PullProgress& step) {
                                  tell({.kind = BuildEvent::Kind::layer,
                                        .step = {.name = fmt::format("FROM {}", image.reference)},
                                        .text = step.status,
                                        .layer = step.layer,
                                        .current = step.current,
                                        .total = step.total});
                              }},
                         deadline_);
        }
    }

    bool is_here(const std::string& reference, const std::string& platform) {
        const auto found = images_.find(reference, deadline_);
        if (!found) {
            return false;
        }
        const auto slash = platform.find('/');
        return slash == std::string::npos || found->architecture.empty() ||
               platform.substr(slash + 1, platform.find('/', slash + 1) - slash - 1) == found->architecture;
    }

    /// @returns nothing when BuildKit turned out to need a session
    std::optional<BuiltImage> over_the_api(Builder builder) {
        engine::Call call{.purpose = fmt::format("cannot build {}", engine::shown_image(context_, options_)),
                          .method = "POST",
                          .path = "/build",
                          .query = engine::build_query(context_, options_, builder, wire_.facts().kind)};
        archive::TarSource tar = context_.tar(reader_for(builder, wire_.facts().kind));
        if (!wire_.facts().local) {
            tar.compress();
        }
        call.tar = archive::pieces(std::move(tar));
        engine::BuildProgress progress(wire_.about(call));
        int status = 0;
        try {
            // The engine says its first word when it has the whole context; only its deadline bounds the upload.
            http::Stream stream = wire_.open(call, {200}, deadline_);
            status = stream.head().status;
            read(call, stream, progress);
        } catch (const EngineRefused& refused) {
            if (refused.code() != "BR0105") {  // the others have texts of their own
                throw;
            }
            throw engine::explain_build(refused.facts(), {.message = refused.facts().engine}, context_, options_);
        }
        if (const auto& failure = progress.failure()) {
            if (builder == Builder::buildkit && wants_session(*failure)) {
                return std::nullopt;
            }
            ErrorFacts facts = wire_.about(call);
            facts.http_status = status;
            throw engine::explain_build(std::move(facts), *failure, context_, options_);
        }
        return BuiltImage{id_of(call, progress), builder};
    }

    void read(const engine::Call& call, http::Stream& stream, engine::BuildProgress& progress) const {
        std::vector<char> buffer(k_piece);
        std::vector<BuildEvent> events;
        const auto flush = [&] {
            for (const auto& event : events) {
                tell(event);
            }
            events.clear();
        };
        const auto next = [&] {
            try {
                return wire_.read(call, stream, buffer.data(), buffer.size(), patience());
            } catch (const TimedOut& late) {
                if (options_.stall.count() == 0 || deadline_.passed()) {
                    throw;
                }
                throw engine::explain_build(late.facts(), {.message = engine::silence(options_)}, context_, options_);
            }
        };
        while (const std::size_t size = next()) {
            progress.feed({buffer.data(), size}, events);
            flush();
        }
        progress.finish(events);
        flush();
    }

    [[nodiscard]] Deadline patience() const {
        return options_.stall.count() == 0 ? deadline_ : deadline_.sooner(options_.stall);
    }

    std::string id_of(const engine::Call& call, const engine::BuildProgress& progress) {
        if (!progress.image_id().empty()) {
            return progress.image_id();
        }
        if (!options_.tags.empty()) {  // some versions say no more than the tag
            if (const auto image = images_.find(options_.tags.front(), deadline_)) {
                return image->id;
            }
        }
        ErrorFacts facts = wire_.about(call);
        facts.code = "BR0104";
        facts.summary += ": the engine's answer makes no sense: it names no image";
        facts.hints = {"look into the engine's log"};
        throw ExchangeFailed(std::move(facts));
    }

    BuiltImage again_without_buildkit(std::string_view why) {
        if (dockerfile_.buildkit) {
            return by_buildx();
        }
        log::info(fmt::format("building {} once more with the classic builder: {}",
                              engine::shown_image(context_, options_), why));
        tell({.kind = BuildEvent::Kind::message, .text = fmt::format("once more with the classic builder: {}", why)});
        bring_images(Builder::classic);
        return over_the_api(Builder::classic).value();  // only BuildKit asks for a session
    }

    BuiltImage by_buildx() { return engine::build_with_buildx(wire_, context_, options_, dockerfile_, deadline_); }

    const Engine::Wire& wire_;
    Images images_;
    const BuildContext& context_;
    const BuildOptions& options_;
    const Deadline& deadline_;
    DockerfileFacts dockerfile_;
};

}  // namespace

BuiltImage Builds::build(const BuildContext& context, const BuildOptions& options, Deadline deadline) {
    return Build(*wire_, Images(wire_), context, options, deadline).run();
}

}  // namespace berth
