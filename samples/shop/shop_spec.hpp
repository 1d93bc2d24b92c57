// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/berth.hpp>

/// specs/shop.yaml, in C++.
berth::EnvironmentSpec shop_spec();
