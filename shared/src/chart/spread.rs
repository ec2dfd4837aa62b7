//! Room for labels at the end of lines that come close to each other.

/// Moves labels at `heights` apart until neighbours are `gap` apart, each as little as may be, none outside `low..=high`
/// as long as they fit. Returns them in the order given.
pub(super) fn spread(heights: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut placed = heights.to_vec();
    // Down the list each keeps its distance from the one above, then up again from the lower edge.
    let mut edge = low;
    for i in &order {
        placed[*i] = placed[*i].max(edge);
        edge = placed[*i] + gap;
    }
    let mut edge = high;
    for i in order.iter().rev() {
        placed[*i] = placed[*i].min(edge);
        edge = placed[*i] - gap;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance_and_stay_inside() {
        let placed = spread(&[10.0, 11.0, 90.0, 99.0], 12.0, 0.0, 100.0);
        assert_eq!(placed, [10.0, 22.0, 88.0, 100.0].map(|height: f64| height.min(100.0)));
        let placed = spread(&[5.0, 5.0, 5.0], 10.0, 0.0, 100.0);
        let mut sorted = placed.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 10.0), "{placed:?}");
        assert!(spread(&[98.0, 99.0], 10.0, 0.0, 100.0).iter().all(|height| (0.0..=100.0).contains(height)));
    }
}
