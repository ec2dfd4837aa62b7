//! What was measured on the five frost photographs of the reference, 200 crops each, at the three published scales.

/// One photograph at one scale.
pub(super) struct Style {
    /// Means of red, green and blue, 0..255, and their deviations within a crop.
    pub(super) mean: [f64; 3],
    pub(super) std: [f64; 3],
    /// Deviation of the mean luma between crops.
    pub(super) drift: f64,
    /// Slope of the spectrum at its lowest frequencies, log power over log frequency.
    pub(super) slope: f64,
    /// log10 of the power of luma in rings of 1/16 cycle per pixel.
    pub(super) rings: [f64; 8],
    /// Luma below which 1, 5, 25, 50, 75, 95 and 99 % of the pixels lie.
    pub(super) percentiles: [f64; 7],
    /// Share of the luma texture and of an independent one in each channel, from the channels' correlations.
    pub(super) mix: [(f64, f64); 3],
}

/// Blue against red in the first photograph; almost grey in the others.
const BLUE: [(f64, f64); 3] = [(0.8, 0.6), (1.0, 0.0), (0.92, -0.39)];
const GREY: [(f64, f64); 3] = [(0.998, 0.06), (1.0, 0.0), (0.998, -0.06)];

/// 224 pixels, the photographs as they are.
pub(super) const FULL: [Style; 5] = [
    Style {
        mean: [76.35, 147.7, 164.3],
        std: [23.51, 14.05, 13.27],
        drift: 9.449,
        slope: -1.06,
        rings: [3.885, 2.539, 2.376, 2.287, 2.155, 1.956, 1.714, 1.44],
        percentiles: [98.27, 104.4, 116.7, 127.1, 138.6, 155.8, 167.5],
        mix: BLUE,
    },
    Style {
        mean: [197.5, 201.8, 211.0],
        std: [19.55, 20.18, 20.95],
        drift: 5.854,
        slope: -1.839,
        rings: [4.054, 3.222, 2.782, 2.523, 2.32, 2.095, 1.797, 1.46],
        percentiles: [140.9, 163.8, 190.7, 204.8, 215.9, 228.3, 234.9],
        mix: GREY,
    },
    Style {
        mean: [197.8, 202.1, 211.3],
        std: [19.51, 20.11, 20.87],
        drift: 6.309,
        slope: -1.839,
        rings: [4.065, 3.232, 2.794, 2.531, 2.326, 2.104, 1.8, 1.458],
        percentiles: [141.3, 164.2, 191.1, 205.0, 216.1, 228.6, 235.1],
        mix: GREY,
    },
    Style {
        mean: [145.6, 160.4, 173.3],
        std: [25.93, 25.99, 27.27],
        drift: 6.265,
        slope: -1.409,
        rings: [4.118, 3.486, 3.244, 3.031, 2.83, 2.625, 2.358, 2.058],
        percentiles: [86.63, 113.4, 142.5, 158.3, 173.1, 198.6, 224.3],
        mix: GREY,
    },
    Style {
        mean: [101.8, 113.1, 125.0],
        std: [36.5, 36.06, 35.28],
        drift: 12.32,
        slope: -1.875,
        rings: [4.6, 3.691, 3.251, 2.974, 2.768, 2.608, 2.48, 2.392],
        percentiles: [43.87, 56.2, 84.52, 108.4, 134.8, 174.9, 202.6],
        mix: GREY,
    },
];

/// 64 pixels, the photographs at 0.3.
pub(super) const THIRD: [Style; 5] = [
    Style {
        mean: [76.52, 147.1, 163.4],
        std: [21.27, 13.15, 12.39],
        drift: 10.07,
        slope: -1.3,
        rings: [3.829, 2.545, 2.026, 1.878, 1.821, 1.795, 1.775, 1.747],
        percentiles: [100.4, 105.8, 117.1, 126.9, 137.6, 153.3, 163.5],
        mix: BLUE,
    },
    Style {
        mean: [197.9, 202.2, 211.5],
        std: [17.92, 18.52, 19.27],
        drift: 6.157,
        slope: -1.379,
        rings: [3.727, 2.904, 2.713, 2.527, 2.321, 2.185, 2.095, 2.07],
        percentiles: [148.0, 167.3, 191.7, 204.7, 215.2, 227.1, 233.3],
        mix: GREY,
    },
    Style {
        mean: [198.3, 202.7, 212.0],
        std: [17.72, 18.29, 19.01],
        drift: 6.44,
        slope: -1.405,
        rings: [3.713, 2.9, 2.708, 2.511, 2.317, 2.167, 2.08, 2.059],
        percentiles: [148.8, 168.3, 192.4, 205.1, 215.5, 227.2, 233.3],
        mix: GREY,
    },
    Style {
        mean: [144.7, 159.6, 172.5],
        std: [23.27, 23.36, 24.77],
        drift: 6.414,
        slope: -0.8905,
        rings: [3.745, 3.085, 2.921, 2.739, 2.639, 2.596, 2.564, 2.543],
        percentiles: [93.12, 116.7, 143.3, 157.6, 171.1, 192.8, 214.4],
        mix: GREY,
    },
    Style {
        mean: [101.1, 112.5, 124.4],
        std: [32.77, 32.32, 31.53],
        drift: 12.22,
        slope: -1.656,
        rings: [4.207, 3.666, 3.245, 2.96, 2.834, 2.68, 2.621, 2.582],
        percentiles: [46.59, 59.64, 87.38, 108.8, 131.8, 166.2, 190.9],
        mix: GREY,
    },
];

/// 32 pixels, the photographs at 0.2.
pub(super) const FIFTH: [Style; 5] = [
    Style {
        mean: [78.69, 148.6, 164.7],
        std: [21.54, 13.15, 12.44],
        drift: 12.38,
        slope: -1.091,
        rings: [3.619, 2.823, 2.217, 2.073, 1.982, 1.995, 1.969, 1.958],
        percentiles: [101.4, 107.5, 118.9, 128.5, 138.9, 155.2, 166.5],
        mix: BLUE,
    },
    Style {
        mean: [198.9, 203.3, 212.7],
        std: [17.48, 17.83, 18.35],
        drift: 8.665,
        slope: -0.6796,
        rings: [3.407, 2.825, 2.579, 2.468, 2.404, 2.38, 2.275, 2.23],
        percentiles: [149.8, 169.9, 193.3, 206.0, 215.7, 226.8, 233.1],
        mix: GREY,
    },
    Style {
        mean: [198.7, 203.2, 212.6],
        std: [17.57, 17.93, 18.47],
        drift: 8.658,
        slope: -0.7463,
        rings: [3.412, 2.802, 2.581, 2.459, 2.394, 2.35, 2.256, 2.205],
        percentiles: [148.8, 169.7, 193.4, 205.9, 215.6, 226.6, 232.8],
        mix: GREY,
    },
    Style {
        mean: [143.9, 158.8, 171.5],
        std: [25.84, 25.91, 26.93],
        drift: 9.002,
        slope: -0.2979,
        rings: [3.488, 2.93, 2.804, 2.785, 2.769, 2.735, 2.695, 2.695],
        percentiles: [84.54, 112.5, 141.3, 156.3, 170.7, 197.4, 222.4],
        mix: GREY,
    },
    Style {
        mean: [101.6, 112.9, 124.8],
        std: [34.09, 33.75, 33.09],
        drift: 15.82,
        slope: -1.255,
        rings: [3.824, 3.606, 3.281, 3.074, 2.951, 2.896, 2.848, 2.783],
        percentiles: [46.3, 59.12, 86.67, 108.6, 132.8, 170.2, 196.4],
        mix: GREY,
    },
];
