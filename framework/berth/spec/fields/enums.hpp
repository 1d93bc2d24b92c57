// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>

namespace berth {

template <>
struct EnumNames<PullPolicy> {
    static constexpr EnumTable<PullPolicy, 3> k_names{
        {{"missing", PullPolicy::missing}, {"always", PullPolicy::always}, {"never", PullPolicy::never}}};
};

template <>
struct EnumNames<Publish> {
    static constexpr EnumTable<Publish, 3> k_names{
        {{"auto", Publish::automatic}, {"always", Publish::always}, {"never", Publish::never}}};
};

template <>
struct EnumNames<Protocol> {
    static constexpr EnumTable<Protocol, 3> k_names{
        {{"tcp", Protocol::tcp}, {"udp", Protocol::udp}, {"sctp", Protocol::sctp}}};
};

template <>
struct EnumNames<DependsCondition> {
    static constexpr EnumTable<DependsCondition, 5> k_names{
        {{"service_started", DependsCondition::service_started},
         {"service_healthy", DependsCondition::service_healthy},
         {"service_completed_successfully", DependsCondition::service_completed_successfully},
         {"service_ready", DependsCondition::service_ready},
         {"service_completed", DependsCondition::service_completed}}};
};

template <>
struct EnumNames<MountSpec::Type> {
    static constexpr EnumTable<MountSpec::Type, 3> k_names{
        {{"volume", MountSpec::Type::volume}, {"bind", MountSpec::Type::bind}, {"tmpfs", MountSpec::Type::tmpfs}}};
};

template <>
struct EnumNames<RestartPolicy::Kind> {
    static constexpr EnumTable<RestartPolicy::Kind, 4> k_names{{{"no", RestartPolicy::Kind::no},
                                                                {"always", RestartPolicy::Kind::always},
                                                                {"unless-stopped", RestartPolicy::Kind::unless_stopped},
                                                                {"on-failure", RestartPolicy::Kind::on_failure}}};
};

template <>
struct EnumNames<WaitHttp::Scheme> {
    static constexpr EnumTable<WaitHttp::Scheme, 2> k_names{
        {{"http", WaitHttp::Scheme::http}, {"https", WaitHttp::Scheme::https}}};
};

template <>
struct EnumNames<WaitHttp::Method> {
    static constexpr EnumTable<WaitHttp::Method, 5> k_names{{{"GET", WaitHttp::Method::get},
                                                             {"HEAD", WaitHttp::Method::head},
                                                             {"POST", WaitHttp::Method::post},
                                                             {"PUT", WaitHttp::Method::put},
                                                             {"OPTIONS", WaitHttp::Method::options}}};
};

template <>
struct EnumNames<WaitLog::Stream> {
    static constexpr EnumTable<WaitLog::Stream, 3> k_names{
        {{"both", WaitLog::Stream::both}, {"stdout", WaitLog::Stream::out}, {"stderr", WaitLog::Stream::err}}};
};

template <>
struct EnumNames<WaitHealth::OnUnhealthy> {
    static constexpr EnumTable<WaitHealth::OnUnhealthy, 2> k_names{
        {{"fail", WaitHealth::OnUnhealthy::fail}, {"keep_waiting", WaitHealth::OnUnhealthy::keep_waiting}}};
};

template <>
struct EnumNames<KeepWhen> {
    static constexpr EnumTable<KeepWhen, 4> k_names{{{"failure", KeepWhen::failure},
                                                     {"always", KeepWhen::always},
                                                     {"success", KeepWhen::success},
                                                     {"never", KeepWhen::never}}};
};

template <>
struct EnumNames<Scope> {
    static constexpr EnumTable<Scope, 5> k_names{{{"test", Scope::test},
                                                  {"suite", Scope::suite},
                                                  {"process", Scope::process},
                                                  {"session", Scope::session},
                                                  {"shared", Scope::shared}}};
};

template <>
struct EnumNames<Keep> {
    static constexpr EnumTable<Keep, 3> k_names{
        {{"never", Keep::never}, {"on_failure", Keep::on_failure}, {"always", Keep::always}}};
};

template <>
struct EnumNames<Teardown> {
    static constexpr EnumTable<Teardown, 3> k_names{
        {{"auto", Teardown::automatic}, {"wait", Teardown::wait}, {"background", Teardown::background}}};
};

template <>
struct EnumNames<Defaults::Bind> {
    static constexpr EnumTable<Defaults::Bind, 3> k_names{
        {{"auto", Defaults::Bind::automatic}, {"loopback", Defaults::Bind::loopback}, {"all", Defaults::Bind::all}}};
};

template <>
struct EnumNames<Defaults::UnsetVariables> {
    static constexpr EnumTable<Defaults::UnsetVariables, 3> k_names{{{"error", Defaults::UnsetVariables::error},
                                                                     {"warn", Defaults::UnsetVariables::warn},
                                                                     {"empty", Defaults::UnsetVariables::empty}}};
};

}  // namespace berth
