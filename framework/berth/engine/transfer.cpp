// SPDX-License-Identifier: Apache-2.0
#include <berth/core/redaction.hpp>
#include <berth/engine/internal/transfer.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

namespace berth::engine {
namespace {

constexpr std::size_t k_piece = 16 * 1024;

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

PullProgress step_of(const Json& object) {
    PullProgress step;
    step.layer = object.at("id").text();
    step.status = object.at("status").text();
    step.phase = phase_of(step.status);
    const Json detail = object.at("progressDetail");
    step.current = static_cast<std::uint64_t>(std::max<std::int64_t>(detail.at("current").number(), 0));
    step.total = static_cast<std::uint64_t>(std::max<std::int64_t>(detail.at("total").number(), 0));
    return step;
}

class Reader {
  public:
    Reader(const Engine::Wire& wire, const Transfer& transfer, const Deadline& deadline, TransferEnd& end)
        : wire_(wire), transfer_(transfer), deadline_(deadline), end_(end) {}

    void run() {
        // The engine asks the registry before it sends its head, and the registry may hang.
        http::Stream stream = wire_.open(transfer_.call, {200}, deadline_.sooner(transfer_.stall));
        JsonSplitter objects(wire_.about(transfer_.call));
        std::vector<char> buffer(k_piece);
        std::string object;
        patience_ = deadline_.sooner(transfer_.stall);
        while (const std::size_t size = wire_.read(transfer_.call, stream, buffer.data(), buffer.size(), patience_)) {
            objects.feed({buffer.data(), size});
            while (objects.next(object)) {
                if (!take(wire_.json(transfer_.call, object))) {
                    end_.facts.http_status = stream.head().status;
                    return;
                }
            }
        }
        objects.finish();
    }

  private:
    /// @returns false when the object is an error
    bool take(const Json& json) {
        if (std::string error = error_in(json); !error.empty()) {
            end_.failed = true;
            end_.facts = wire_.about(transfer_.call);
            end_.facts.engine = std::move(error);
            return false;
        }
        const PullProgress step = step_of(json);
        end_.layers = end_.layers || (!step.layer.empty() && step.phase != PullProgress::Phase::other);
        if (progress_.take(step)) {
            patience_ = deadline_.sooner(transfer_.stall);
            if (transfer_.on_progress) {
                transfer_.on_progress(step);
            }
        }
        if (transfer_.on_object) {
            transfer_.on_object(json);
        }
        return true;
    }

    const Engine::Wire& wire_;
    const Transfer& transfer_;
    const Deadline& deadline_;
    TransferEnd& end_;
    Progress progress_;
    Deadline patience_{Deadline::never()};
};

}  // namespace

PullProgress::Phase phase_of(std::string_view status) {
    using Phase = PullProgress::Phase;
    static constexpr std::array<std::pair<std::string_view, Phase>, 14> k_beginnings{
        {{"Pulling fs layer", Phase::waiting},
         {"Waiting", Phase::waiting},
         {"Preparing", Phase::waiting},
         {"Downloading", Phase::downloading},
         {"Pushing", Phase::downloading},
         {"Download complete", Phase::downloaded},
         {"Verifying", Phase::verifying},
         {"Extracting", Phase::extracting},
         {"Pull complete", Phase::complete},
         {"Pushed", Phase::complete},
         {"Already exists", Phase::exists},
         {"Layer already exists", Phase::exists},
         {"Mounted from", Phase::exists},
         {"Retrying", Phase::retrying}}};
    const auto* const found = std::find_if(k_beginnings.begin(), k_beginnings.end(), [&](const auto& known) {
        return status.substr(0, known.first.size()) == known.first;
    });
    return found == k_beginnings.end() ? Phase::other : found->second;
}

std::string error_in(const Json& object) {
    std::string text = object.at("errorDetail").at("message").text();
    if (text.empty()) {
        text = object.at("error").text();
    }
    if (text.empty() && !object.at("errorDetail").absent()) {
        text = "an error without a text";
    }
    return escape_controls(text);
}

TransferEnd run_transfer(const Engine::Wire& wire, const Transfer& transfer, const Deadline& deadline) {
    TransferEnd end;
    try {
        Reader(wire, transfer, deadline, end).run();
    } catch (const EngineRefused& refused) {
        end.failed = true;
        end.facts = refused.facts();
        end.facts.hints.clear();
    } catch (const TimedOut& late) {
        if (deadline.passed()) {
            throw;
        }
        end.failed = true;
        end.stalled = true;
        end.facts = wire.about(transfer.call);
        end.facts.http_status = late.http_status();
    }
    return end;
}

}  // namespace berth::engine
