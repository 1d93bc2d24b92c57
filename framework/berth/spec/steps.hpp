// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/units.hpp>
#include <berth/spec/text.hpp>
#include <berth/spec/wait.hpp>

#include <string>

namespace berth {

/// Something done in a running service: a command in its container.
struct StepSpec {
    Given<std::string> name{};  ///< Shown in reports; default `step N`.
    Given<ShellOrArgv> exec{};
    Given<Text> stdin_text{};  ///< Key `stdin`.
    Given<std::string> stdin_file{};
    Given<std::string> user{};
    Given<KeyValues> environment{};
    Given<Duration> timeout{};   ///< Default `timeouts.step`.
    Given<int> retries{};        ///< Default 0.
    Given<Duration> interval{};  ///< Between retries; default 1s.
    Given<CodeRanges> exit_code{};
    Given<bool> ignore_failure{};
    Origin origin{};

    friend bool operator==(const StepSpec&, const StepSpec&) = default;
};

/// A file or directory put into the container after create, before start.
struct CopySpec {
    Given<std::string> from{};   ///< On the host; one of `from`, `content`.
    Given<Text> content{};       ///< Literal; references are resolved.
    Given<std::string> to{};     ///< Absolute, in the container; ending in `/`: into that directory.
    Given<unsigned> mode{};      ///< Default: the source's mode, 0644 for content.
    Given<std::string> owner{};  ///< `uid[:gid]`, numeric; default `0:0`.
    Origin origin{};

    friend bool operator==(const CopySpec&, const CopySpec&) = default;
};

enum class KeepWhen { failure, always, success, never };

/// A file, directory or glob in the container that is copied out at teardown.
struct ArtifactSpec {
    Given<std::string> path{};  ///< Absolute, in the container; required.
    Given<std::string> to{};    ///< Below the run folder; default `<service>/<basename>`.
    Given<KeepWhen> when{};
    Given<bool> optional{};
    Given<Bytes> max_size{};
    Origin origin{};

    friend bool operator==(const ArtifactSpec&, const ArtifactSpec&) = default;
};

/// The engine's own health check of a container.
struct HealthcheckSpec {
    Given<Words> test{};  ///< Begins with CMD, CMD-SHELL or NONE.
    Given<Duration> interval{};
    Given<Duration> timeout{};
    Given<int> retries{};
    Given<Duration> start_period{};
    Given<Duration> start_interval{};
    Given<bool> disable{};

    friend bool operator==(const HealthcheckSpec&, const HealthcheckSpec&) = default;
};

}  // namespace berth
