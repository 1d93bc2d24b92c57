// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>
#include <berth/core/origin.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth {

/// All that is known of a failure. The text a person reads is made from it, in this order.
struct ErrorFacts {
    std::string code{};       ///< Stable: `BR0301`. Compare this, never the text.
    std::string summary{};    ///< What failed, in the user's words; no full stop.
    Origin origin{};          ///< Where in the user's spec, if anywhere.
    std::string operation{};  ///< `POST /containers/create`.
    std::string endpoint{};   ///< `unix:///var/run/docker.sock`.
    int http_status{0};       ///< 0: no answer.
    std::string engine{};     ///< The engine's own words.
    /// Further named facts, each a line: {"last probe", "exit 2: pg_isready: no response"}.
    std::vector<std::pair<std::string, std::string>> details{};
    std::vector<std::string> log_tail{};  ///< The last lines of the container's log.
    std::vector<std::string> notes{};     ///< What else went wrong (siblings, clean-up).
    std::vector<std::string> hints{};     ///< What to try.
};

/// The root of everything that Berth throws but Cancelled. what() is the whole text of several lines.
class Error : public std::exception {
  public:
    explicit Error(ErrorFacts facts);

    [[nodiscard]] const char* what() const noexcept override;
    [[nodiscard]] const ErrorFacts& facts() const noexcept { return *facts_; }
    [[nodiscard]] const std::string& code() const noexcept { return facts_->code; }
    [[nodiscard]] const std::string& summary() const noexcept { return facts_->summary; }
    [[nodiscard]] int http_status() const noexcept { return facts_->http_status; }
    [[nodiscard]] const std::vector<std::string>& log_tail() const noexcept { return facts_->log_tail; }

    /// Changes the facts on the way up (a place, a hint, a note), keeping the type that is thrown.
    template <class Change>
    void amend(Change change) {
        ErrorFacts facts = *facts_;
        change(facts);
        set(std::move(facts));
    }

  protected:
    void set(ErrorFacts facts);

  private:
    // Shared, so that copying an exception cannot throw.
    std::shared_ptr<const ErrorFacts> facts_;
    std::shared_ptr<const std::string> text_;
};

/// The spec is wrong: every mistake at once.
class InvalidSpec : public Error {
  public:
    InvalidSpec(std::vector<Diagnostic> diagnostics, const SourceTexts& sources);
    [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const noexcept { return *diagnostics_; }
    [[nodiscard]] const SourceTexts& sources() const noexcept { return *sources_; }
    /// The rendered text (render_text without colour).
    [[nodiscard]] const char* what() const noexcept override { return rendered_->c_str(); }

  private:
    std::shared_ptr<const std::vector<Diagnostic>> diagnostics_;
    std::shared_ptr<const SourceTexts> sources_;
    std::shared_ptr<const std::string> rendered_;
};

/// One place where an engine was looked for.
struct TriedEndpoint {
    std::string endpoint{};  ///< `unix:///var/run/docker.sock`.
    std::string source{};    ///< Why there: `DOCKER_HOST`, `the usual place`.
    std::string failure{};   ///< `no such file`, `permission denied`.
};

/// No engine answers: every place tried, and why each failed.
class EngineUnreachable : public Error {
  public:
    EngineUnreachable(std::vector<TriedEndpoint> tried, ErrorFacts facts);
    [[nodiscard]] const std::vector<TriedEndpoint>& tried() const noexcept { return *tried_; }

  private:
    std::shared_ptr<const std::vector<TriedEndpoint>> tried_;
};

/// The engine answered, and said no: status and its text.
class EngineRefused : public Error {
  public:
    using Error::Error;
};
class NotFound : public EngineRefused {
  public:
    using EngineRefused::EngineRefused;
};
class Conflict : public EngineRefused {
  public:
    using EngineRefused::EngineRefused;
};
class PermissionDenied : public EngineRefused {
  public:
    using EngineRefused::EngineRefused;
};

/// An image could not be pulled; the facts name it and what the registry said.
class PullFailed : public Error {
  public:
    using Error::Error;
};

/// An image could not be built: the step that failed (`RUN make`) and what it printed.
class BuildFailed : public Error {
  public:
    BuildFailed(std::string step, std::string output, ErrorFacts facts);
    /// Empty when none was at work: the Dockerfile is wrong, say.
    [[nodiscard]] const std::string& step() const noexcept { return *step_; }
    /// All of it; of more than 1 MiB the end.
    [[nodiscard]] const std::string& output() const noexcept { return *output_; }

  private:
    std::shared_ptr<const std::string> step_;
    std::shared_ptr<const std::string> output_;
};

/// The exchange with the engine broke: connection lost, body cut short, an answer that makes no sense.
class ExchangeFailed : public Error {
  public:
    using Error::Error;
};

/// A deadline passed.
class TimedOut : public Error {
  public:
    using Error::Error;
};

/// A request was sent, its answer was lost, and what became of it cannot be found out.
class InDoubt : public Error {
  public:
    using Error::Error;
};

/// What a failed wait knows.
struct Readiness {
    std::string service{};
    std::string probe{};  ///< `port 5432`, `log /ready/`.
    int attempts{0};
    std::string last_seen{};  ///< The last observation: `connection refused`.
    std::optional<int> exit_code{};
    bool out_of_memory{false};
};

/// A service did not become ready: it never answered, or its container ended.
class NotReady : public Error {
  public:
    NotReady(Readiness readiness, ErrorFacts facts);
    [[nodiscard]] const std::string& service() const noexcept { return readiness_->service; }
    [[nodiscard]] const std::string& probe() const noexcept { return readiness_->probe; }
    [[nodiscard]] int attempts() const noexcept { return readiness_->attempts; }
    [[nodiscard]] const std::string& last_seen() const noexcept { return readiness_->last_seen; }
    [[nodiscard]] std::optional<int> exit_code() const noexcept { return readiness_->exit_code; }
    [[nodiscard]] bool out_of_memory() const noexcept { return readiness_->out_of_memory; }

  private:
    std::shared_ptr<const Readiness> readiness_;
};

/// A command in a container ended with a status other than 0.
class CommandFailed : public Error {
  public:
    CommandFailed(int exit_code, std::string out, std::string err, ErrorFacts facts);
    [[nodiscard]] int exit_code() const noexcept { return exit_code_; }
    [[nodiscard]] const std::string& standard_output() const noexcept { return *out_; }
    [[nodiscard]] const std::string& standard_error() const noexcept { return *err_; }

  private:
    int exit_code_;
    std::shared_ptr<const std::string> out_;
    std::shared_ptr<const std::string> err_;
};

/// The text of `facts`: `place: error[CODE]: summary`, then an indented line a fact.
std::string render(const ErrorFacts& facts);

}  // namespace berth
