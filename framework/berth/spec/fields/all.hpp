// SPDX-License-Identifier: Apache-2.0
#pragma once

// The whole field table.

#include <berth/spec/fields/build.hpp>
#include <berth/spec/fields/enums.hpp>
#include <berth/spec/fields/environment.hpp>
#include <berth/spec/fields/hooks.hpp>
#include <berth/spec/fields/limits.hpp>
#include <berth/spec/fields/matrix.hpp>
#include <berth/spec/fields/options.hpp>
#include <berth/spec/fields/ports.hpp>
#include <berth/spec/fields/root.hpp>
#include <berth/spec/fields/secrets.hpp>
#include <berth/spec/fields/service.hpp>
#include <berth/spec/fields/sources.hpp>
#include <berth/spec/fields/steps.hpp>
#include <berth/spec/fields/wait.hpp>
