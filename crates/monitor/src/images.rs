//! Image files that are devices of the container.

use std::collections::HashMap;
use std::path::PathBuf;

use kernel::loopdev::LoopDevice;
use runtime::control::Failure;
use runtime::devices;
use runtime::plan::DeviceNode;

/// Loop devices by the path of their node inside. Each lives as long as it is here or in use.
#[derive(Debug, Default)]
pub(crate) struct Images(HashMap<PathBuf, LoopDevice>);

impl Images {
    /// Makes the image of a node a loop device, which it then is a node of. Nothing happens to others.
    pub(crate) fn attach(&mut self, node: &mut DeviceNode) -> Result<(), Failure> {
        if let Some(device) = devices::attach_image(node)? {
            self.0.insert(node.target.clone(), device);
        }
        Ok(())
    }
}
