/** Entry point of the plugin `pulumi-resource-azure-native`. */
import { serve } from "../server";
import { azureNative } from "./definition";

void serve(azureNative);
