//! A part of the images in which every class has its share.

/// `count` indices that take the classes in turn, evenly spread over each class; sorted.
pub fn balanced(labels: &[usize], count: usize) -> Vec<usize> {
    let classes = labels.iter().max().map_or(0, |label| label + 1);
    let mut of_class = vec![Vec::new(); classes];
    for (index, label) in labels.iter().enumerate() {
        of_class[*label].push(index);
    }
    let count = count.min(labels.len());
    // How many each class gives: one each, in rounds, while it still has some.
    let mut quota = vec![0; classes];
    let mut left = count;
    while left > 0 {
        for class in 0..classes {
            if left > 0 && quota[class] < of_class[class].len() {
                quota[class] += 1;
                left -= 1;
            }
        }
    }
    let mut chosen: Vec<usize> = of_class
        .iter()
        .zip(quota)
        .flat_map(|(indices, quota)| (0..quota).map(move |i| indices[i * indices.len() / quota]))
        .collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_takes_the_same_number_of_each_class() {
        let labels = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
        let chosen = balanced(&labels, 6);
        assert_eq!(chosen, [0, 2, 4, 6, 8, 10]);
        assert_eq!(balanced(&labels, 100).len(), 12);
    }

    #[test]
    fn a_small_class_gives_what_it_has() {
        assert_eq!(balanced(&[0, 1, 1, 1, 1], 4).len(), 4);
    }
}
