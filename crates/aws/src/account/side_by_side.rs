//! Several calls at a time, and not too many: AWS throttles by the second.

const WORTH_A_LANE: usize = 8;

/// Runs `task` for each of `items`, four at a time at most, and gives the results in no particular order.
pub(crate) async fn side_by_side<T, R>(items: Vec<T>, task: impl AsyncFn(T) -> R) -> Vec<R> {
    let mut lanes: [Vec<T>; 4] = Default::default();
    // A few are not worth a connection more.
    let share = items.len().div_ceil(lanes.len()).max(WORTH_A_LANE);
    let mut items = items.into_iter();
    for lane in &mut lanes {
        lane.extend(items.by_ref().take(share));
    }
    let run = async |lane: Vec<T>| {
        let mut results = Vec::with_capacity(lane.len());
        for item in lane {
            results.push(task(item).await);
        }
        results
    };
    let [a, b, c, d] = lanes;
    let (mut results, b, c, d) = tokio::join!(run(a), run(b), run(c), run(d));
    results.extend(b.into_iter().chain(c).chain(d));
    results
}
